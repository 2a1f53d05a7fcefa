"""What the scripts know about the course: its pages in order, and where the project is hosted (from settings.ini)."""
import re
from configparser import ConfigParser
from functools import cached_property
from pathlib import Path

from execnb.nbio import nb2str, read_nb

root = Path(__file__).resolve().parent.parent
nbs = root/'nbs'

_config = ConfigParser(delimiters=['='])
_config.read(root/'settings.ini', encoding='utf-8')
cfg = _config['DEFAULT']
git_url, branch = cfg['git_url'], cfg['branch']
docs_url = cfg['doc_host'] + cfg['doc_baseurl']


class Page:
    "A notebook of the course, or its solutions."
    def __init__(self, path): self.path = Path(path)

    @cached_property
    def nb(self): return read_nb(self.path)

    @property
    def name(self):
        "Path in nbs/ without the ending, e.g. `02_conv` or `solutions/02_conv`."
        return self.path.relative_to(nbs).with_suffix('').as_posix()

    @property
    def is_solutions(self): return self.path.parent.name == 'solutions'

    @property
    def short(self):
        "For a link: `02 conv`, `index`."
        return self.path.stem.replace('_', ' ')

    @property
    def title(self): return self.nb.cells[0].source.split('\n', 1)[0].lstrip('# ')

    @property
    def subtitle(self):
        found = re.search(r'^> (.+)', self.nb.cells[0].source, re.M)
        return found.group(1) if found else ''

    @property
    def minutes(self):
        "Minutes of reading that the page promises; `None` if it does not."
        found = re.search(r'\*\*Time\*\*\s+(\d+) minutes', self.nb.cells[0].source)
        return int(found.group(1)) if found else None

    @property
    def text(self): return '\n\n'.join(c.source for c in self.nb.cells if c.cell_type=='markdown')

    def link_to(self, other):
        "Relative link from this page to a path in nbs/."
        return ('../' if self.is_solutions else '') + other


def pages():
    "The numbered notebooks, in course order."
    return [Page(p) for p in sorted(nbs.glob('[0-9][0-9]_*.ipynb'))]


def solutions(): return [Page(p) for p in sorted((nbs/'solutions').glob('*.ipynb'))]


def home(): return Page(nbs/'index.ipynb')


def glossary(): return Page(nbs/'glossary.ipynb')


def contributing(): return Page(nbs/'contributing.ipynb')


def everything():
    "Every notebook, in the order of the sidebar."
    return [home(), *pages(), glossary(), contributing(), *solutions()]


def as_text(page):
    "The notebook as nbdev_clean writes it."
    return nb2str(page.nb)
