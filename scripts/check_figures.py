"""Move the figures of the built site in headless Chromium, and compare what they say with Python.

    python scripts/check_figures.py [folder, default _site] [--screenshots folder]
    python scripts/check_figures.py [folder] --faults     plants faults in the scripts, one at a time; each must be noticed

Every figure (nbs/figures) is opened as a telephone and as a desktop, in light and in dark, and moved by keyboard, by pointer and by touch. It
must be on a page, be small, print nothing to the console, leave nothing in the global scope but `miniaiFigures`, fit 390 pixels, draw
again when the theme changes, and be a picture where there are no scripts. Then its numbers:

- covariance: `torch.cov` and `torch.corrcoef`
- fifty_layers: the same net in torch, from the same random numbers; gain^(2·layers); where a run in float32 ends
- two_moons: the same net from the same weights, trained by `torch.optim.SGD`; the scale of the weights of each initialization
- leak_and_sub: `act_moments` and `GeneralRelu.balanced`
- lsuv_steps: the lesson's loop from the same weights, pass by pass; `lsuv_`
- rate_and_init: nbs/results/12_factorial.csv

Needs what check_site.py needs.
"""
import csv
import functools
import math
import re
import shutil
import statistics
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from playwright.sync_api import sync_playwright
from torch import nn

from check_site import served
from miniai.general_relu import GeneralRelu, act_moments
from miniai.lsuv import lsuv_

root = Path(__file__).resolve().parent.parent
names = 'covariance', 'fifty_layers', 'two_moons', 'leak_and_sub', 'lsuv_steps', 'rate_and_init'
limit = 15_000  # bytes of a script
double = functools.partial(torch.as_tensor, dtype=torch.float64)


class Figure:
    "One figure in an open page."
    def __init__(self, page, name): self.page,self.name = page,name
    def state(self): return self.page.evaluate('n => miniaiFigures[n].state()', self.name)
    def set(self, *moves):
        "Moves are (name, value), or the name of a button."
        moves = [m if isinstance(m, tuple) else (m, None) for m in moves]
        self.page.evaluate('([n, moves]) => { for (const [k, v] of moves) miniaiFigures[n].set(k, v); }', [self.name, moves])
    def text(self): return self.page.locator(f'#{self.name} .numbers').inner_text().replace('−', '-')


# ---- the numbers. Each yields what is wrong.

def near(what, got, want, rtol=0., atol=0.):
    "Complain unless both are close, element by element."
    got,want = double(got).flatten(), double(want).flatten()
    if got.shape != want.shape: yield f'{what}: {len(got)} numbers instead of {len(want)}'
    elif not torch.allclose(got, want, rtol=rtol, atol=atol, equal_nan=True):
        i = (got - want).abs().nan_to_num(nan=torch.inf).argmax()
        yield f'{what}: {got[i]:.8g}, Python says {want[i]:.8g}'


def says(fig, *wanted):
    "Complain unless the line of numbers has all these words."
    text = fig.text()
    for o in wanted:
        if o not in text: yield f'"{o}" is not in "{text}"'


def covariance(fig):
    for move in ('related', 'unrelated', 'outlier', 'square', (0, [2.5, -2.5]), (3, [-3, 3]), (11, [9, 0])):
        fig.set(move)
        s = fig.state()
        xy = double(s['points']).T
        yield from near(f'covariance, {move}', s['covariance'], torch.cov(xy, correction=0)[0, 1], atol=1e-12)
        yield from near(f'r, {move}', s['r'], torch.corrcoef(xy)[0, 1], atol=1e-12)
        yield from says(fig, f'covariance {s["covariance"] + 0.:.2f}'.replace('-0.00', '0.00'), f'r = {s["r"]:.2f}'.replace('-0.00', '0.00'))
    if xy[0].max() > 3: yield 'a point can be moved out of the picture'


def uniforms(seed, n):
    "The first n numbers of the figures' generator (mulberry32), in float64."
    mask = 0xFFFFFFFF
    def imul(a, b): return (a*(b & 0xFFFF) + ((a*(b >> 16) & 0xFFFF) << 16)) & mask  # without leaving int64
    a = (seed + 0x6D2B79F5*torch.arange(1, n + 1)) & mask
    t = imul(a ^ a >> 15, 1 | a)
    t = ((t + imul(t ^ t >> 7, 61 | t)) & mask) ^ t
    return (t ^ t >> 14).double()/2**32


def normals(seed, n):
    u,v = uniforms(seed, 2*n).reshape(n, 2).T
    return (-2*(1 - u).log()).sqrt()*(2*math.pi*v).cos()


def fifty_layers(fig, depth=50, n=100, batch=32):
    critical = {'linear': 1/math.sqrt(n), 'relu': math.sqrt(2/n)}
    numbers = {seed: normals(seed, batch*n + depth*n*n) for seed in range(1, 11)}
    def walk(seed, act, scale, dtype=torch.float64):
        x,ws = numbers[seed][:batch*n].reshape(batch, n).to(dtype), numbers[seed][batch*n:].reshape(depth, n, n)
        xs = [x]
        for w in ws:
            x = x @ (w*scale).to(dtype)
            if act=='relu': x = x.relu()
            xs.append(x)
        return xs
    for act in critical:
        fig.set(('act', act))
        ends = []
        for seed in range(1, 11):
            scale = critical[act]*(1, 0.8, 1.25, 0.97, 3)[seed % 5]
            fig.set(('scale', math.log10(scale)))
            s = fig.state()
            if s['seed'] != seed: yield f'seed {s["seed"]} instead of {seed}'
            if seed <= 3:
                want = [x.square().mean().log10().item() for x in walk(seed, act, scale)]
                yield from near(f'{act}, scale {scale:.3f}: log₁₀ of the second moments', s['log10moments'], want, atol=1e-6)
            ends.append(s['log10moments'][-1] - 2*depth*math.log10(scale/critical[act]))
            fig.set('weights')
        # A net of this width strays by about a factor of e (linear) or e^1.6 (ReLU) in fifty layers, downwards on average.
        if not -1 < statistics.mean(ends) < 0.3: yield f'{act}: second moments after {depth} layers are off theory by 10^{statistics.mean(ends):.2f}'
        fig.set(('seed', 1))
        for scale in (1., 0.01):  # as float32 would have it
            fig.set(('scale', math.log10(scale)))
            s,xs = fig.state(), walk(1, act, scale, torch.float32)
            bad = next((i for i,x in enumerate(xs) if not x.isfinite().all()), None)
            zero = next((i for i,x in enumerate(xs) if not x.any()), None)
            for k,got,want in (('inf', s['nonfinite'], bad), ('zero', s['zero'], zero)):
                if (got is None) != (want is None) or (got is not None and abs(got - want) > 1): yield f'{act}, scale {scale}: {k} in layer {got}, float32 {want}'
            yield from says(fig, 'explodes' if scale==1 else 'vanishes', f'layer {s["nonfinite"] or s["zero"]}')
        for factor,verdict in ((0.85, 'vanishes'), (1, 'steady'), (1.15, 'explodes')):
            fig.set(('scale', math.log10(factor*critical[act])))
            if fig.state()['verdict'] != verdict: yield f'{act}, {factor} times the critical scale: {fig.state()["verdict"]}'
        fig.set('critical')
        yield from near(f'{act}: the critical scale', fig.state()['weights'], critical[act], rtol=1e-12)


def two_moons(fig, steps=25):
    acts = {'relu': (nn.ReLU, math.sqrt(2)), 'tanh': (nn.Tanh, nn.init.calculate_gain('tanh')),
            'general': (GeneralRelu.balanced, GeneralRelu.balanced().gain)}
    sizes = [2] + [16]*6 + [1]
    for i,(act,init) in enumerate((a, k) for a in acts for k in ('small', 'default', 'xavier', 'kaiming', 'large')):
        rate,what = (-2, -1.5, -1)[i % 3], f'{act}, {init}'
        fig.set(('act', act), ('init', init), ('rate', rate), 'reset')
        s = fig.state()
        # The scale of the weights: that of five layers with 1,280 weights in all is known to 2 %, so 10 % are five standard errors.
        ws = torch.cat([double(o['w']) for o in s['layers'][1:6]])
        bs = torch.cat([double(o['b']) for o in s['layers'][1:6]])
        want = dict(small=0.3/4, default=1/4/math.sqrt(3), xavier=math.sqrt(2/32), kaiming=acts[act][1]/4, large=3/4)[init]
        yield from near(f'{what}: std of the weights', ws.std(), want, rtol=0.1)
        if init=='default' and not (0.24 < ws.abs().max() <= 0.25 and 0.2 < bs.abs().max() <= 0.25): yield f'{what}: not between ±1/√16'
        if init!='default' and bs.any(): yield f'{what}: biases that are not 0'
        net = nn.Sequential(*[m for a,b in zip(sizes, sizes[1:]) for m in (nn.Linear(a, b), acts[act][0]())][:-1]).double()
        for m,o in zip(net[::2], s['layers']):
            m.weight.data = double(o['w']).view_as(m.weight); m.bias.data = double(o['b'])
        x,y = double(s['x']).reshape(-1, 2), double(s['y'])
        opt,losses = torch.optim.SGD(net.parameters(), lr=10**rate, momentum=0.9), []
        for _ in range(steps + 1):
            loss = F.binary_cross_entropy_with_logits(net(x)[:, 0], y)
            losses.append(loss.item())
            if len(losses) > steps: break
            opt.zero_grad(); loss.backward(); opt.step()
        fig.set(*['step']*steps)
        s = fig.state()
        if not all(map(math.isfinite, losses)):  # both must fail, and from then on nothing happens
            if not s['losses'] or s['losses'][-1] not in (None, math.inf) and math.isfinite(s['losses'][-1]): yield f'{what}: did not fail, PyTorch does'
            continue
        # Where the loss jumps, rounding errors grow; ten steps are compared closely, all of them loosely.
        yield from near(f'{what}: losses', s['losses'][:11], losses[:11], rtol=1e-6)
        yield from near(f'{what}: losses', s['losses'], losses, rtol=1e-3, atol=1e-6)
        with torch.no_grad():
            stds = [x.std(correction=0).item()] + [net[:2*k](x).std(correction=0).item() for k in range(1, 7)]
            right = ((net(x)[:, 0] > 0)==(y==1)).double().mean()
        yield from near(f'{what}: stds of the activations', s['stds'], stds, rtol=1e-3)
        yield from near(f'{what}: accuracy', s['accuracy'], right, atol=0.011)
        yield from says(fig, f'step {steps}:')


def leak_and_sub(fig):
    for leak,sub,std in ((0, 0, 1), (0.1, 0.4, 1), (0.3, 0.2, 2.5), (1, 0.5, 0.7), (0.05, 1.5, 1.63)):
        fig.set(('leak', leak), ('sub', sub), ('std', std))
        mean,sd = act_moments(GeneralRelu(leak, sub), std)
        got = fig.state()['output']
        yield from near(f'leak {leak}, sub {sub}, std {std}', [got['mean'], got['std']], [mean, sd], atol=1e-6)
        yield from says(fig, f'mean {mean:.3f} and std {sd:.3f}')
    for leak in (0, 0.1, 0.4):
        fig.set(('leak', leak), 'balanced')
        s,act = fig.state(), GeneralRelu.balanced(leak)
        yield from near(f'balanced, leak {leak}: sub and gain', [s['sub'], s['std']], [act.sub, act.gain], atol=1e-12)
        yield from near(f'balanced, leak {leak}: output', [s['output']['mean'], s['output']['std']], [0, 1], atol=1e-12)
        yield from says(fig, 'balanced')


def lsuv_steps(fig, close=0.01):
    def net_of(state, act):
        net = nn.Sequential(*[m for o in state['layers'] for m in (nn.Linear(len(o['w'])//40, 40), act())]).double()
        for m,o in zip(net[::2], state['layers']):
            m.weight.data = double(o['w']).view_as(m.weight); m.bias.data = double(o['b'])
        return net, double(state['x']).reshape(256, 30)
    def stats(o): return o.mean().item(), o.std(correction=0).item()
    for seed in (1, 2):
        for on in ('after', 'before'):
            fig.set(('on', on), 'reset')
            start = fig.state()
            net,x = net_of(start, lambda: GeneralRelu(0.1, 0.4))
            passes = [0]*4
            with torch.no_grad():
                for k in range(4):
                    for _ in range(60):
                        passes[k] += 1
                        m,upto = net[2*k], net[:2*k + (2 if on=='after' else 1)]
                        mean,std = stats(upto(x))
                        if abs(mean) < close and abs(std - 1) < close: break
                        m.bias -= mean; m.weight /= std
                        if on=='before': m.bias /= std
                        if k==0 and passes[0]==1:  # the first three steps of the figure, one by one
                            fig.set('step', 'step', 'step')
                            got = fig.state()['stats'][0]
                            yield from near(f'{on}: layer 1 after the first correction', [got['mean'], got['std']], stats(upto(x)), atol=1e-9)
            fig.set('layer')
            if fig.state()['at'] != 1: yield f'{on}: "finish this layer" ends at layer {fig.state()["at"] + 1}'
            fig.set('all')
            s = fig.state()
            if s['passes'] != passes: yield f'{on}: passes {s["passes"]}, torch {passes}'
            if not s['done']: yield f'{on}: not done'
            for k,o in enumerate(s['stats']):
                yield from near(f'{on}: layer {k+1}', [o['mean'], o['std']], [0, 1], atol=close)
                with torch.no_grad(): want = stats(net[:2*k + (2 if on=='after' else 1)](x))
                yield from near(f'{on}: layer {k+1}', [o['mean'], o['std']], want, atol=1e-8)
                yield from near(f'{on}: weights of layer {k+1}', s['layers'][k]['w'], net[2*k].weight.detach(), rtol=1e-6, atol=1e-9)
            if on=='before':  # the shipped one: its std divides by n − 1
                net,x = net_of(start, lambda: GeneralRelu(0.1, 0.4))
                lsuv_(net, x, head=True)
                for k,m in enumerate(net[::2]):
                    yield from near(f'weights of layer {k+1} and lsuv_', s['layers'][k]['w'], m.weight.detach(), rtol=1e-3, atol=1e-4)
            yield from says(fig, 'All four layers are set')
        fig.set('weights')


def rate_and_init(fig):
    with (root/'nbs/results/12_factorial.csv').open(newline='') as f: rows = [r for r in csv.DictReader(f) if int(r['seed']) < 100]
    for act in ('ReLU', 'GeneralReLU', 'balanced'):
        for norm in ('none', 'BatchNorm'):
            for size in ('128', '1024'):
                for form in ('standardized', 'raw'):
                    what = f'{act}, {norm}, {size}, {form}'
                    fig.set(('act', act), ('norm', norm), ('size', size), ('input', form))
                    s = fig.state()
                    here = [r for r in rows if (r['act'], r['norm'], r['batch_size'], r['input'])==(act, norm, size, form)]
                    rates = sorted({float(r['lr']) for r in here})
                    yield from near(f'{what}: rates', s['rates'], rates, atol=1e-9)
                    for init in ('default', 'Kaiming', 'LSUV'):
                        for lr,cell in zip(rates, s['cells'][init], strict=True):
                            accs = [float(r['accuracy']) for r in here if r['init']==init and float(r['lr'])==lr]
                            good = [a for a in accs if a >= 0.2]
                            if (cell['learned'], s['n']) != (len(good), len(accs)): yield f'{what}, {init}, {lr}: {cell["learned"]} of {s["n"]} learned, not {len(good)} of {len(accs)}'
                            if good: yield from near(f'{what}, {init}, {lr}: median', cell['median'], statistics.median(good), atol=6e-5)
    fig.set(('act', 'ReLU'), ('norm', 'none'), ('size', '128'), ('input', 'standardized'), ('at', 6))
    failed = {k: sum(float(r['accuracy']) >= 0.2 for r in rows if (r['act'], r['norm'], r['batch_size'], r['input'], r['init'], r['lr'])
                     == ('ReLU', 'none', '128', 'standardized', k, '0.32')) for k in ('default', 'Kaiming', 'LSUV')}
    yield from says(fig, 'rate of 0.32', *(f'{k} {failed[i]} of 10' for k,i in (("default", 'default'), ('Kaiming (He)', 'Kaiming'), ('LSUV', 'LSUV'))))


# ---- hands: keyboard, pointer, touch.

def hands(fig, touch):
    "Every control, by keyboard and by pointer."
    page,host = fig.page, fig.page.locator(f'#{fig.name}')
    controls = host.locator('input, select, button')
    for i in range(controls.count()):
        o = controls.nth(i)
        label = o.evaluate('o => (o.labels && o.labels[0] ? o.labels[0].textContent : o.getAttribute("aria-label") || o.textContent).trim()')
        if not label: yield f'control {i+1} has no label'
        box = o.bounding_box()
        if min(box['width'], box['height']) < 24: yield f'{label}: {box["width"]:.0f}×{box["height"]:.0f} pixels are too small to touch'
    # The Tab key leads from the first control to all others, and one sees where one is.
    host.locator('input, select, button').first.focus()
    seen,shown = set(), True
    for _ in range(controls.count()):
        at = page.evaluate('n => [...document.querySelectorAll(`#${n} :is(input, select, button):enabled`)].indexOf(document.activeElement)', fig.name)
        seen.add(at)
        page.keyboard.press('Tab')
        if at > 0: shown = shown and page.evaluate('o => !document.activeElement.closest(".moving") || getComputedStyle(document.activeElement).outlineStyle != "none"')
    enabled = host.locator(':is(input, select, button):enabled').count()
    if seen - {-1} != set(range(enabled)): yield f'the Tab key reaches {len(seen - {-1})} of {enabled} controls'
    if not shown: yield 'one does not see where the keyboard is'
    for o in host.locator('input[type=range]').all():  # arrows, then a click on the slider
        k = o.get_attribute('id').split('-', 1)[1]
        was,text = fig.state()[k], fig.text()
        o.focus(); page.keyboard.press('ArrowRight')
        step,now = float(o.get_attribute('step')), fig.state()[k]
        if abs(now - was - step) > 1.01*step or now <= was: yield f'{k}: an arrow key moves it from {was} to {now}'
        for _ in range(5 if k!='rate' else 0): page.keyboard.press('ArrowRight')
        if k!='rate' and fig.text()==text: yield f'{k}: the numbers do not follow'
        o.scroll_into_view_if_needed()
        box = o.bounding_box()
        at = box['x'] + 0.75*box['width'], box['y'] + box['height']/2
        page.touchscreen.tap(*at) if touch else page.mouse.click(*at)
        lo,hi = float(o.get_attribute('min')), float(o.get_attribute('max'))
        if abs((fig.state()[k] - lo)/(hi - lo) - 0.75) > 0.13: yield f'{k}: a click at three quarters sets {fig.state()[k]}'
    for o in host.locator('select').all():
        k,was = o.get_attribute('id').split('-', 1)[1], fig.state()
        o.focus(); page.keyboard.press('ArrowDown'); page.keyboard.press('Enter')
        if fig.state()[k]==was[k]: yield f'{k}: an arrow key chooses nothing'
        o.select_option(was[k])
        if fig.state()[k] != was[k]: yield f'{k}: cannot be chosen'
    for o in host.locator('.controls button').all():  # one after the other: none may print to the console
        o.focus(); page.keyboard.press('Enter')
        o.tap() if touch else o.click()
    special = globals().get(f'hands_{fig.name}')
    if special: yield from special(fig, touch)


def hands_covariance(fig, touch):
    page = fig.page
    fig.set('related')
    dot = page.locator('#covariance .dot').nth(4)
    x,y = fig.state()['points'][4]
    dot.focus()
    for k in ('ArrowRight', 'ArrowUp', 'Shift+ArrowUp'): page.keyboard.press(k)
    yield from near('a point, by the arrow keys', fig.state()['points'][4], [x + 0.1, y + 0.6], atol=1e-9)
    if '-' not in dot.get_attribute('aria-label').replace('−', '-') and min(x, y) < 0: yield 'the label of a point does not say where it is'
    dot.scroll_into_view_if_needed()
    page.wait_for_timeout(100)
    box,canvas = dot.bounding_box(), page.locator('#covariance canvas').bounding_box()
    x,y = fig.state()['points'][4]
    cx,cy = box['x'] + box['width']/2, box['y'] + box['height']/2
    page.mouse.move(cx, cy); page.mouse.down(); page.mouse.move(cx - 20, cy + 10); page.mouse.move(cx - 40, cy + 30); page.mouse.up()
    w,h = canvas['width'] - 46, canvas['height'] - 72
    yield from near('a point, dragged', fig.state()['points'][4], [max(-3, x - 40/w*6), max(-3, y - 30/h*6)], atol=2e-3)
    page.wait_for_timeout(100)
    box = dot.bounding_box()
    yield from near('a point is where the pointer left it', [box['x'] + box['width']/2, box['y'] + box['height']/2], [cx - 40, cy + 30], atol=2)


def hands_two_moons(fig, touch):
    page = fig.page
    fig.set(('init', 'kaiming'), ('act', 'relu'), ('rate', -1), 'reset')
    run = page.locator('#two_moons-run')
    run.click()
    try: page.wait_for_function('miniaiFigures.two_moons.state().losses.length > 20', timeout=20_000)
    except Exception: yield 'run does not run'
    if run.inner_text() != 'stop': yield 'run does not become stop'
    run.click()
    n = len(fig.state()['losses'])
    page.wait_for_timeout(200)
    if fig.state()['running'] or len(fig.state()['losses']) != n: yield 'stop does not stop'
    page.emulate_media(reduced_motion='reduce')
    fig.set('reset', 'run')
    if len(fig.state()['losses']) != 201 or fig.state()['running']: yield 'with prefers-reduced-motion, run should go 200 steps at once'
    page.emulate_media(reduced_motion='no-preference')


def hands_rate_and_init(fig, touch):
    plot = fig.page.locator('#rate_and_init .plot')
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    at = dict(x=8 + (box['width'] - 16)*7.5/9, y=60)
    plot.tap(position=at) if touch else plot.click(position=at)
    if fig.state()['at'] != 7: yield f'a touch on column 8 chooses {fig.state()["at"] + 1}'


# ---- the browser.

def where(site):
    "The page of each figure."
    found = {}
    for p in sorted(Path(site).rglob('*.html')):
        text = p.read_text(encoding='utf-8')
        for name in re.findall(r'<div class="moving" id="(\w+)"', text): found.setdefault(name, []).append(p.relative_to(site).as_posix())
    return found


ink = '''n => [...document.querySelectorAll(`#${n} canvas`)].map(o => {
  const copy = Object.assign(document.createElement('canvas'), {width: o.width, height: o.height}).getContext('2d', {willReadFrequently: true});
  copy.drawImage(o, 0, 0);
  const d = copy.getImageData(0, 0, o.width, o.height).data, seen = new Set();
  let sum = 0, inked = 0;
  for (let i = 0; i < d.length; i += 4) if (d[i + 3]) { inked++; sum += d[i] + d[i + 1] + d[i + 2]; seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); }
  return {inked, colours: seen.size, light: sum/Math.max(1, inked), ratio: o.width/o.clientWidth};
})'''


def looks(fig, width):
    host = fig.page.locator(f'#{fig.name}')
    if not host.evaluate('o => o.classList.contains("live")'): yield 'the script does not replace the picture'; return
    box = host.bounding_box()
    if box['x'] < 0 or box['x'] + box['width'] > width: yield f'wider than {width} pixels'
    wide = host.evaluate('o => [...o.querySelectorAll("*")].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth && e.tagName != "STYLE").map(e => e.className || e.tagName)')
    if wide: yield f'something sticks out: {wide[:3]}'
    if not host.locator('[aria-live]').count(): yield 'the numbers are not read out'
    for o in host.locator('canvas').all():
        if not o.get_attribute('aria-label'): yield 'a canvas without a label'
    for o in fig.page.evaluate(ink, fig.name):
        if o['colours'] < 5 or o['inked'] < 500: yield 'a canvas is empty'
        if abs(o['ratio'] - 2) > 0.02: yield f'not sharp: {o["ratio"]:.2f} pixels where the screen has 2'


def check(site, shots=None):
    wrong,now = [],{}
    def say(what): wrong.append(f'{now["figure"]} ({now["view"]}): {what}')
    pages = where(site)
    for name in names:
        now.update(figure=name, view='files')
        if len(pages.get(name, [])) != 1: say(f'it is on {len(pages.get(name, []))} pages')
    for o in pages:
        if o not in names: wrong.append(f'{o}: a figure that nobody checks')
    for o in ('common', *names):
        now.update(figure=o, view='files')
        file = Path(site)/f'figures/{o}.js'
        if not file.is_file(): say('no such script in the site')
        elif file.stat().st_size > limit: say(f'{file.stat().st_size} bytes, the limit is {limit}')
    if wrong: return wrong
    with served(site) as base, sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=shutil.which('chromium') or shutil.which('google-chrome'), args=['--no-sandbox'])
        def opened(name, **kw):
            page = chromium.new_context(device_scale_factor=2, **kw).new_page()
            page.on('console', lambda m: say(f'console: {m.text}'))
            page.on('pageerror', lambda e: say(f'error: {e}'))
            page.on('requestfailed', lambda r: say(f'not loaded: {r.url[:90]}'))
            page.on('request', lambda r: r.url.startswith((base, 'data:', 'blob:')) or say(f'asks for {r.url[:90]}'))
            page.set_default_timeout(10_000)
            page.goto(f'{base}{pages[name][0]}', wait_until='load')
            return page
        for name in names:
            now['figure'] = name
            now['view'] = 'without scripts'
            page = opened(name, java_script_enabled=False)
            image = page.locator(f'#{name} img')
            if image.count() != 1 or not image.is_visible() or len(image.get_attribute('alt') or '') < 20: say('no picture with an alt text')
            page.context.close()
            for view,width,scheme in (('telephone', 390, 'light'), ('desktop, dark', 1280, 'dark')):
                now['view'] = view
                page = opened(name, viewport={'width': width, 'height': 900}, color_scheme=scheme, has_touch=width==390)
                if not page.evaluate('n => !!(window.miniaiFigures && miniaiFigures[n])', name): say('the script does not start'); continue
                fig = Figure(page, name)
                page.locator(f'#{name}').scroll_into_view_if_needed()
                page.wait_for_timeout(150)
                for o in looks(fig, width): say(o)
                for o in hands(fig, width==390): say(o)
                page.wait_for_timeout(150)
                before = page.evaluate(ink, name)
                for other in ('dark' if scheme=='light' else 'light', scheme):  # the theme changes while one looks
                    page.emulate_media(color_scheme=other)
                    page.wait_for_timeout(450)
                    for o in looks(fig, width): say(o)
                    after = page.evaluate(ink, name)
                    if other != scheme and all(a['light']==b['light'] for a,b in zip(before, after)): say('is not drawn again when the theme changes')
                    if shots: page.locator(f'#{name}').screenshot(path=str(Path(shots)/f'{name}-{width}-{other}.png'), timeout=60_000)
                if width==1280:
                    now['view'] = 'numbers'
                    page.reload(wait_until='load')
                    for o in globals()[name](fig): say(o)
                page.context.close()
            now['view'] = 'alone'  # in a page with nothing else: what does it leave in the global scope?
            page = chromium.new_page()
            page.goto(f'{base}figures/{name}.js')  # any page of this server
            page.set_content(f'<div class="moving" id="{name}"></div>')
            was = set(page.evaluate('Object.getOwnPropertyNames(window)'))
            for o in ('common', name): page.add_script_tag(url=f'{base}figures/{o}.js')
            more = set(page.evaluate('Object.getOwnPropertyNames(window)')) - was
            if more - {'0'} != {'miniaiFigures'}: say(f'leaves {sorted(more)} in the global scope')
            page.close()
    return wrong


# Each of these must be noticed by the numbers of its figure: file, what is there, what is put in its place.
faults = [
    ('covariance', '(plus - less)/n', '(plus - less)/(n - 1)'), ('covariance', 'less -= a', 'less += a'), ('covariance', '(vx*vy)', '(vx*vx)'),
    ('fifty_layers', 'Math.SQRT2/Math.sqrt(n)', '1/Math.sqrt(n)'), ('fifty_layers', 'v > 0 ? v : 0', 'v > 0 ? v : 0.01*v'),
    ('fifty_layers', '+ 2*l*shift', '+ l*shift'), ('fifty_layers', '3.4028235e38', '3.4028235e30'),
    ('two_moons', 'momentum*mw[i] + gw[i]', 'momentum*mw[i] + 0.99*gw[i]'), ('two_moons', 'd: (z, a) => 1 - a*a', 'd: (z, a) => 1 - a'),
    ('two_moons', 'gb[j] += v', 'gb[j] += 0'), ('two_moons', 'gain/Math.sqrt(i)', '1/Math.sqrt(i)'), ('two_moons', 'z > 0 ? 1 : 0.1,', 'z > 0 ? 1 : 0,'),
    ('leak_and_sub', '(1 + leak*leak)/2', '(1 + leak)/2'), ('leak_and_sub', 'std*mean - sub', 'std*mean + sub'), ('leak_and_sub', 'std*(1 - leak)/', '(1 - leak)/'),
    ('lsuv_steps', '0.1*v) - 0.4', '0.1*v) - 0.41'), ('lsuv_steps', '-= found.mean', '-= 0.9*found.mean'), ('lsuv_steps', 'layer.w[i] /= found.std', 'layer.w[i] /= found.std*1.001'),
    ('rate_and_init', '/10000', '/1000'), ('rate_and_init', '/9 ', ' '), ('common', 'Math.imul(t ^ t >>> 7, 61 | t)', 'Math.imul(t ^ t >>> 7, 63 | t)'),
]


def check_faults(site):
    "Faults that were not noticed, and how many were planted."
    missed,pages = [],where(site)
    with served(site) as base, sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=shutil.which('chromium') or shutil.which('google-chrome'), args=['--no-sandbox'])
        for file,old,new in faults:
            source = (Path(site)/f'figures/{file}.js').read_text(encoding='utf-8')
            if old not in source: missed.append(f'{file}: "{old}" is no longer there'); continue
            name = 'fifty_layers' if file=='common' else file
            page = chromium.new_page()
            broken = source.replace(old, new, 1)
            page.route(f'**/figures/{file}.js', lambda route,_,body=broken: route.fulfill(body=body, content_type='text/javascript'))
            page.goto(f'{base}{pages[name][0]}', wait_until='load')
            if next(iter(globals()[name](Figure(page, name))), None) is None: missed.append(f'{file}: "{new}" in the place of "{old}" is not noticed')
            page.close()
    return missed, len(faults)


def main():
    args = sys.argv[1:]
    shots = Path(args.pop(args.index('--screenshots') + 1)) if '--screenshots' in args else None
    if shots: args.remove('--screenshots'); shots.mkdir(parents=True, exist_ok=True)
    site = next((o for o in args if not o.startswith('--')), str(root/'_site'))
    if '--faults' in args: wrong,n = check_faults(site); last = f'{n} faults planted, {len(wrong)} not noticed'
    else: wrong = check(site, shots); last = f'{len(names)} figures moved, {len(set(wrong))} things wrong'
    wrong = list(dict.fromkeys(wrong))
    print('\n'.join(wrong))
    print(last)
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
