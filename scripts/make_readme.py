"""Write README.md from nbs/index.ipynb, and CONTRIBUTING.md from nbs/contributing.ipynb.

    python scripts/make_readme.py [folder to write to, default that of the repository]

Cells marked `#| hide` and the frame of the page are left out, and the saved outputs are kept. Links and badges are made from `user` and
`repo` in settings.ini.
"""
import re
import sys
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter

from course import contributing, docs_url, git_url, home, root


def badges() -> str:
    return (f'[![tests]({git_url}/actions/workflows/test.yaml/badge.svg)]({git_url}/actions/workflows/test.yaml) '
            f'[![docs](https://img.shields.io/badge/docs-pages-blue)]({docs_url})')


def text_only(output):
    "Keep the plain text of an output: tables of HTML do not show well on all pages that show a README."
    if 'data' in output: output.data = {k: v for k, v in output.data.items() if k == 'text/plain'}
    return output


def as_markdown(page, top='') -> str:
    "The page with `top` under its title; links are relative to the repository."
    nb = nbformat.read(page.path, as_version=4)
    nb.cells = [c for c in nb.cells if not (c.id.startswith('frame-') or re.search(r'^#\|\s*hide\b', c.source, re.M))]
    for c in nb.cells:
        if c.cell_type == 'code': c.outputs = [text_only(o) for o in c.outputs]
    nb.metadata['language_info'] = {'name': 'python'}
    body, _ = MarkdownExporter().from_notebook_node(nb)
    body = re.sub(r'\]\((?!\w+:|#|/)', '](nbs/', body)  # the notebook's links are relative to nbs/
    body = body.replace('](nbs/contributing.ipynb', '](CONTRIBUTING.md').replace('](nbs/index.ipynb', '](README.md')
    title, rest = body.strip().split('\n', 1)
    text = '\n'.join(o.rstrip() for o in f'{title}\n\n{top}\n{rest}\n'.splitlines())
    made = f'<!-- Made from nbs/{page.path.name} by scripts/make_readme.py: edit the notebook. -->\n\n'
    return made + re.sub(r'\n{3,}', '\n\n', text) + '\n'


if __name__ == '__main__':
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else root
    (out/'README.md').write_text(as_markdown(home(), badges()), encoding='utf-8')
    (out/'CONTRIBUTING.md').write_text(as_markdown(contributing()), encoding='utf-8')
