"""What the figures that move (nbs/figures) need from Python: the numbers of one of them, and the strips that are shown without scripts.

    python scripts/make_figures.py            writes the numbers of nbs/results/12_factorial.csv into nbs/figures/rate_and_init.js
    python scripts/make_figures.py --strips   photographs each figure in a few states into nbs/images (needs a Chromium, as check_site.py)
"""
import csv
import json
import re
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from course import nbs

figures = nbs/'figures'
inits = 'default', 'Kaiming', 'LSUV'
failed_below = 0.2  # as in notebook 12: a run below this accuracy has not learned


def runs():
    "Accuracies of the runs with a seed below 100, by cell, initialization and rate."
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    with (nbs/'results/12_factorial.csv').open(newline='') as f:
        for r in csv.DictReader(f):
            if int(r['seed']) >= 100: continue  # of a later measurement, at the best rate alone
            cell = ' '.join(r[k] for k in ('act', 'norm', 'batch_size', 'input'))
            found[cell][r['init']][float(r['lr'])].append(float(r['accuracy']))
    return found


def number(lr): return float(f'{lr:g}')


def data():
    "The lines of JavaScript that hold the numbers."
    found,rates,lines = runs(), {}, []
    for cell,by_init in sorted(found.items()):
        size = cell.split()[2]
        lrs = sorted(by_init['default'])
        assert rates.setdefault(size, lrs)==lrs and all(sorted(by_init[k])==lrs for k in inits), cell
        n, = {len(o) for by_rate in by_init.values() for o in by_rate.values()}
        rows = []
        for k in inits:
            row = []
            for lr in lrs:
                good = [a for a in by_init[k][lr] if a >= failed_below]
                median = f'{10_000*statistics.median(good):.0f}' if good else ''
                row.append(median if len(good)==n else f'{median}/{len(good)}')
            rows.append(' '.join(row))
        lines.append(f"  {cell!r}: {{n: {n}, rows: {rows!r}}},")
    return '\n'.join([f'const rates = {json.dumps({k: [number(o) for o in v] for k,v in rates.items()})};', 'const data = {', *lines, '};'])


def write_data():
    path = figures/'rate_and_init.js'
    source = path.read_text(encoding='utf-8')
    new = re.sub(r'(// data: begin\n).*?(// data: end)', lambda m: f'{m[1]}{data()}\n{m[2]}', source, flags=re.S)
    path.write_text(new, encoding='utf-8')
    print(f'{path.name}: {len(new.encode()):,} bytes')


# Of each figure: the name of its strip, and the states that it shows, each a list of what is set.
strips = {
    'covariance': ('06_moving', [[('related', 0)], [('unrelated', 0)]]),
    'fifty_layers': ('07_moving', [[('scale', -1.0969)], [('critical', 0)], [('scale', -0.9031)]]),
    'two_moons': ('08_moving', [[('init', k), ('steps', 60)] for k in ('small', 'kaiming', 'large')]),
    'leak_and_sub': ('09_moving', [[('relu', 0)], [('trial', 0)], [('balanced', 0)]]),
    'lsuv_steps': ('10_moving', [[], [('layer', 0)], [('layer', 0)], [('all', 0)]]),
    'rate_and_init': ('12_moving', [[('all', 0)], [('norm', 'BatchNorm')]]),
}


def page_of(name):
    "A page with nothing but a figure, for photographs."
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title><style>:root {{ color-scheme: light; }} '
            'body { margin: 0; background: #fff; color: #1f2328; font: 15px/1.5 system-ui, sans-serif; }'
            '.moving.live { border: 0 !important; margin: 0 !important; } .controls { display: none !important; }</style></head>'
            f'<body><div class="moving" id="{name}"></div><script defer src="{(figures/"common.js").as_uri()}"></script>'
            f'<script defer src="{(figures/f"{name}.js").as_uri()}"></script></body></html>')


def make_strips(names):
    import io
    import shutil

    from PIL import Image
    from playwright.sync_api import sync_playwright
    with tempfile.TemporaryDirectory() as d, sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=shutil.which('chromium') or shutil.which('google-chrome'), args=['--no-sandbox'])
        for name in names or strips:
            file,states = strips[name]
            (Path(d)/f'{name}.html').write_text(page_of(name), encoding='utf-8')
            page = chromium.new_context(viewport={'width': 760, 'height': 900}, device_scale_factor=1.5, reduced_motion='reduce').new_page()
            page.goto((Path(d)/f'{name}.html').as_uri())
            shots = []
            for state in states:
                for k,v in state:
                    if k=='steps': page.evaluate('([n, k]) => { for (let i = 0; i < k; i++) miniaiFigures[n].set("step") }', [name, v])
                    else: page.evaluate('([n, k, v]) => miniaiFigures[n].set(k, v)', [name, k, v])
                page.wait_for_timeout(400)
                shots.append(Image.open(io.BytesIO(page.locator(f'#{name}').screenshot())).convert('RGB'))
            strip = Image.new('RGB', (max(o.width for o in shots), sum(o.height for o in shots)), 'white')
            y = 0
            for o in shots: strip.paste(o, (0, y)); y += o.height
            path = nbs/f'images/{file}.png'
            strip.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
            print(f'{path.name}: {strip.width}×{strip.height}, {path.stat().st_size/1000:.0f} kB')


if __name__ == '__main__':
    if '--strips' in sys.argv: make_strips([o for o in sys.argv[1:] if not o.startswith('--')])
    else: write_data()
