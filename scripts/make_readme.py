"""Write README.md from nbs/index.ipynb.

    python scripts/make_readme.py [file to write, default README.md]

Cells marked `#| hide` are left out, and the saved outputs are kept. Links and badges are made from `user` and `repo` in settings.ini.
"""
import re
import sys
from configparser import ConfigParser
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter

root = Path(__file__).resolve().parent.parent


def badges() -> str:
    config = ConfigParser(delimiters=['='])
    config.read(root/'settings.ini', encoding='utf-8')
    cfg = config['DEFAULT']
    url = cfg['git_url']
    return (f"[![tests]({url}/actions/workflows/test.yaml/badge.svg)]({url}/actions/workflows/test.yaml) "
            f"[![docs](https://img.shields.io/badge/docs-pages-blue)]({cfg['doc_host']}{cfg['doc_baseurl']})")


def text_only(output):
    "Keep the plain text of an output: tables of HTML do not show well on all pages that show a README."
    if 'data' in output: output.data = {k: v for k, v in output.data.items() if k == 'text/plain'}
    return output


def readme() -> str:
    nb = nbformat.read(root/'nbs'/'index.ipynb', as_version=4)
    nb.cells = [c for c in nb.cells if not re.search(r'^#\|\s*hide\b', c.source, re.M)]
    for c in nb.cells:
        if c.cell_type == 'code': c.outputs = [text_only(o) for o in c.outputs]
    nb.metadata['language_info'] = {'name': 'python'}
    body, _ = MarkdownExporter().from_notebook_node(nb)
    body = re.sub(r'\]\((?!\w+:|#|/)', '](nbs/', body)  # the notebook's links are relative to nbs/
    title, rest = body.strip().split('\n', 1)
    text = '\n'.join(o.rstrip() for o in f'{title}\n\n{badges()}\n{rest}\n'.splitlines())
    return ('<!-- Made from nbs/index.ipynb by scripts/make_readme.py: edit the notebook. -->\n\n'
            + re.sub(r'\n{3,}', '\n\n', text) + '\n')


if __name__ == '__main__':
    Path(sys.argv[1] if len(sys.argv) > 1 else root/'README.md').write_text(readme(), encoding='utf-8')
