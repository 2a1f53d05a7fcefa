"""Run nbdev's processing of the notebooks for the docs, which `nbdev_proc_nbs` does only where there is Quarto.

    python scripts/process_docs.py folder

Fails if a notebook cannot be processed, or if a page, a reference page or a picture is missing from the result.
"""
import os
import shutil
import sys
from pathlib import Path

from nbdev.serve import proc_nbs

import make_api
from course import everything, nbs, root, with_modules


def main():
    out = Path(sys.argv[1])
    os.chdir(root)
    shutil.rmtree(root/'_proc', ignore_errors=True)
    make_api.main()
    made = proc_nbs(n_workers=1)
    wanted = [f'{p.name}.ipynb' for p in everything()] + [f'api/{m}.md' for _,m in with_modules()]
    wanted += [p.relative_to(nbs).as_posix() for p in (nbs/'images').iterdir()] + ['_quarto.yml', 'sidebar.yml', 'styles.css']
    missing = [o for o in wanted if not (made/o).exists()]
    shutil.move(made, out)
    if missing: sys.exit(f'not in the processed folder: {missing}')
    print(f'{len(wanted)} files processed')


if __name__ == '__main__': main()
