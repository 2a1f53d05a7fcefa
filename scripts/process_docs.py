"""Make the sources of the docs: what nbdev makes of the notebooks, with what it drops or does not know of; `quarto render` does the rest.

    python scripts/process_docs.py folder

nbdev makes title and description from the first cell and drops all else in it; here it comes back, with the title picture for links from
elsewhere. What goes into the package folds to its signature, and a long output to its beginning, as on the site of make_site.py. Fails if
a notebook cannot be processed, or if a page, a reference page, a picture or a script is missing from the result.
"""
import json
import os
import re
import shutil
import sys
from pathlib import Path

import yaml
from execnb.nbio import mk_cell, read_nb, write_nb
from nbdev.quarto import refresh_quarto_yml
from nbdev.serve import proc_nbs

import make_api
from course import everything, nbs, root, with_modules
from make_site import picture
from site_cells import alt_text, fig_alt, folded, is_exported, joined, long, no_neighbours, plain, signature, text_output


def rest(page):
    "The first cell without the title and the line below it, which nbdev has made the page's title and description."
    lines = page.nb.cells[0].source.split('\n')
    return '\n'.join(o for o in lines if not o.startswith('# ') and o != f'> {page.subtitle}').strip()


def dressed(nb, page):
    "The processed notebook with what the page says first, its picture, folded cells and folded outputs."
    front = nb.cells[0]
    about = yaml.safe_load(front.source.strip().strip('-')) | {'image': page.link_to(picture(page))}
    front.source = f'---\n{yaml.dump(about, allow_unicode=True)}---\n'
    nb.cells = [c for c in nb.cells if c.cell_type != 'code' or re.sub(r'^#\|.*', '', c.source, flags=re.M).strip()]  # not `#| default_exp`
    exported = {c['id'] for c in page.nb.cells if c.cell_type=='code' and is_exported(c)}
    for c in nb.cells:
        if c.cell_type=='markdown': c.source = no_neighbours(c)
        if c.cell_type != 'code': continue
        yaml.safe_load('\n'.join(re.findall(r'^#\| *([\w-]+:.*)', c.source, re.M)))  # raises here and not in Quarto
        if (alt := alt_text(c)) and not fig_alt(c): c.source = f'#| fig-alt: {json.dumps(alt, ensure_ascii=False)}\n{c.source}'
        if c['id'] in exported:
            name = signature(c.source)
            c.source = f'#| code-fold: {str(folded(name)).lower() if folded(name) else "show"}\n#| code-summary: {json.dumps(name, ensure_ascii=False)}\n{c.source}'
        c.outputs = joined(c.get('outputs', []))
        for i,o in enumerate(c.outputs):
            if (text := plain(o)) and text.count('\n') >= long:
                c.outputs[i] = dict(output_type='display_data', metadata={}, data={'text/html': text_output(text)})
    if first := rest(page): nb.cells.insert(1, mk_cell(first, 'markdown'))
    return nb


def main():
    out = Path(sys.argv[1]).resolve()
    os.chdir(root)
    shutil.rmtree(root/'_proc', ignore_errors=True)
    make_api.main()
    refresh_quarto_yml()
    made = proc_nbs(n_workers=1)
    for p in everything():
        path = made/f'{p.name}.ipynb'
        if path.exists(): write_nb(dressed(read_nb(path), p), path)
    wanted = [f'{p.name}.ipynb' for p in everything()] + [f'api/{m}.md' for _,m in with_modules()]
    wanted += [p.relative_to(nbs).as_posix() for folder in ('images', 'figures') for p in (nbs/folder).iterdir()]
    wanted += ['_quarto.yml', 'nbdev.yml', 'sidebar.yml', 'styles.css']
    missing = [o for o in wanted if not (made/o).exists()]
    if out != made.resolve(): shutil.move(made, out)
    if missing: sys.exit(f'not in the processed folder: {missing}')
    print(f'{len(wanted)} files processed')


if __name__ == '__main__': main()
