"""What the scripts know about the course: its pages in order, the floors of the package, and where the project is hosted (from settings.ini)."""
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

# The floors, the lowest first: a module imports only from modules that stand before it here. The core needs nothing but PyTorch.
core = 'text tensors unchanged trace general_relu xavier kaiming stats lsuv nets reported lineage facts experiments findings causes checks report trial diagnose integrations'.split()
library = 'show drawings sources datasets conv progress learner activations memory sgd init factorial autoencoder train commands'.split()
floors = core + library


class Page:
    "A notebook of the course, its solutions, or a page about a module of the package."
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
    def is_internals(self): return self.path.parent.name == 'internals'

    @property
    def topic(self):
        "The name without a number: `trace` of `internals/trace`, `general_relu` of `09_general_relu`."
        return re.sub(r'^\d\d_', '', self.path.stem)

    @property
    def module(self):
        "Name of the module that the page exports; `None` if it exports none."
        code = '\n'.join(c.source for c in self.nb.cells if c.cell_type=='code')
        found = re.search(r'^#\|\s*default_exp\s+(\S+)', code, re.M)
        return found.group(1) if found else None

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
    def shown(self):
        "Code cells that a reader sees: neither hidden nor those that only install something."
        return [c for c in self.nb.cells if c.cell_type=='code' and not re.search(r'^#\|\s*(hide\b|include:\s*false)', c.source, re.M)]

    @property
    def visible_lines(self):
        "Lines of code that a reader sees, without comments."
        return sum(map(code_lines, self.shown))

    @property
    def words(self): return len(self.text.split())

    @property
    def counted_minutes(self):
        "Minutes of reading: 200 words of prose, or 15 lines of code, in one."
        return round(self.words/200 + self.visible_lines/15)

    @property
    def text(self): return '\n\n'.join(c.source for c in self.nb.cells if c.cell_type=='markdown')

    def link_to(self, other):
        "Relative link from this page to a path in nbs/."
        return '../'*self.name.count('/') + other


def code_lines(cell):
    "Lines of a cell that are neither empty nor a comment."
    return sum(bool(o.strip()) and not o.strip().startswith('#') for o in cell.source.splitlines())


def pages():
    "The numbered notebooks, in course order."
    return [Page(p) for p in sorted(nbs.glob('[0-9][0-9]_*.ipynb'))]


def solutions(): return [Page(p) for p in sorted((nbs/'solutions').glob('*.ipynb'))]


def internals():
    "The pages about the engineering of the package, the lowest floor first."
    return sorted(map(Page, (nbs/'internals').glob('*.ipynb')), key=lambda p: (floor(p.topic), p.topic))


def floor(module):
    "Where a module stands, counted from below; a module without a place comes last."
    return floors.index(module) if module in floors else len(floors)


def with_modules():
    "Pages that export a module, with the module's name, the lowest floor first."
    found = [(p, p.module) for p in [*pages(), *internals()] if p.module]
    return sorted(found, key=lambda o: floor(o[1]))


def twin(page):
    "The page of the course on the topic of a page about a module, and the other way round; `None` where there is none."
    others = pages() if page.is_internals else [] if page.is_solutions else internals()
    return next((p for p in others if p.topic==page.topic), None)


def home(): return Page(nbs/'index.ipynb')


def glossary(): return Page(nbs/'glossary.ipynb')


def contributing(): return Page(nbs/'contributing.ipynb')


def ways(): return Page(nbs/'ways.ipynb')


def everything():
    "Every notebook, in the order of the sidebar."
    return [home(), ways(), *pages(), glossary(), contributing(), *internals(), *solutions()]


def as_text(page):
    "The notebook as nbdev_clean writes it."
    return nb2str(page.nb)
