"""Train small nets with graded faults, and write down what `diagnose` measures before the first step and what became of each after it.

    python scripts/calibrate.py --data FOLDER [--out nbs/results/calibration.csv] [--seconds 600] [--only FAULT]

FOLDER holds the four IDX files of Fashion-MNIST. The nets are stacks of linear layers of width 64 on images of 14×14 pixels. A row of the file is a
fault of one grade in one net with one optimizer: its best learning rate out of a grid, chosen with seed 0, and what five other seeds reached
with it. `Limits` in `miniai.facts` come from this file; the page nbs/internals/calibration.ipynb reads it. All that is missing is run, healthy nets
first; run it again to go on. About a quarter of an hour on one core.
"""
import argparse
import csv
import math
import time
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from pathlib import Path
from statistics import median

import torch
import torch.nn.functional as F
from check_device import from_idx, prepare, root
from torch import nn

prepare()
from miniai.facts import examine  # noqa: E402
from miniai.general_relu import act_gain  # noqa: E402
from miniai.trace import is_norm  # noqa: E402

width,classes,steps,new_seeds,most = 64, 10, 200, (1, 2, 3, 4, 5), 40
acts = dict(ReLU=nn.ReLU, GELU=nn.GELU, SiLU=nn.SiLU, tanh=nn.Tanh, sigmoid=nn.Sigmoid)
rates = dict(SGD=[4.**k*1e-4 for k in range(8)], Adam=[4.**k*1e-5 for k in range(8)])


@dataclass(frozen=True)
class Config:
    "A net with a fault."
    fault:str          # One of `faults`, or 'none'
    grade:float        # How much of it
    depth:int          # Number of hidden layers
    act:str            # One of `acts`
    norm:str = ''      # 'BatchNorm' between each hidden layer and its activation, or nothing
    skip:bool = False  # Are hidden layers from the second on branches that are added to their input?
    task:str = 'classes'  # 'classes': cross-entropy; 'values': mean squared error of one value
    batch:int = 64     # Images in a batch
    @property
    def structure(self):
        "What nets must share to be stacked."
        alike = self.fault in ('none', 'activation', *changes)
        return (*list(asdict(self).values())[2:], *(('', 0.) if alike else (self.fault, self.grade)))
    @property
    def twin(self):
        "The healthy net that it is compared with."
        if self.fault=='activation': return replace(self, fault='none', grade=0., act='ReLU')
        return replace(self, fault='none', grade=0., norm='' if self.fault=='norm on few values' else self.norm)


class Net(nn.Module):
    "A stack of linear layers; initialized as well as is known, each gain that of its place."
    def __init__(self, c):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(196 if i==0 else width, width) for i in range(c.depth))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) if c.norm else nn.Identity() for _ in self.layers)
        silent = {'two linear layers': lambda i: i==0, 'every second activation missing': lambda i: i%2==0,
                  'no activation at all': lambda i: True}.get(c.fault, lambda i: False)
        self.acts = nn.ModuleList(nn.Identity() if silent(i) else acts[c.act]() for i in range(c.depth))
        self.drops = nn.ModuleList(nn.Dropout(c.grade if c.fault=='dropout' else 0.) for _ in self.layers)
        self.head,self.last = nn.Linear(width, classes if c.task=='classes' else 1), nn.Dropout(c.grade if c.fault=='dropout on the scores' else 0.)
        self.skip = c.skip
        gain = act_gain(acts[c.act])
        for i,m in enumerate([*self.layers, self.head]):
            g = 1. if i==0 or isinstance(self.acts[i-1], nn.Identity) else gain
            if self.skip and 0 < i < c.depth: g = c.depth**-.5*(1. if c.norm else gain)
            if m is self.head: g = 1. if c.norm or not c.skip else .5
            nn.init.normal_(m.weight, std=g*m.in_features**-.5); nn.init.zeros_(m.bias)

    def forward(self, x):
        for i,(layer,norm,act,drop) in enumerate(zip(self.layers, self.norms, self.acts, self.drops)):
            h = drop(act(norm(layer(x))))
            x = x + h if self.skip and i else h
        return self.last(self.head(x))


def scale_hidden(net, g):
    for m in net.layers: m.weight.mul_(g)


def some_dead(layer, fraction): layer.bias[:round(fraction*width)] = -1e4


def redraw(net, draw):
    for m in [*net.layers, net.head]: draw(m.weight)


# What a fault does to a healthy net. What it does to the batch, or to the structure, stands in `batch_of` and `Net`.
changes = {
    'gain': scale_hidden,
    'gain of one layer': lambda net, g: net.layers[len(net.layers)//2].weight.mul_(g),
    "PyTorch's default": lambda net, _: [m.reset_parameters() for m in [*net.layers, net.head]],
    'dead units in one layer': lambda net, g: some_dead(net.layers[len(net.layers)//2], g),
    'dead units in all layers': lambda net, g: [some_dead(m, g) for m in net.layers],
    'negative biases': lambda net, g: [m.bias.sub_(g) for m in net.layers],
    'spread biases': lambda net, g: [m.bias.normal_(std=g) for m in net.layers],
    'last layer': lambda net, g: net.head.weight.mul_(g),
    'last bias': lambda net, g: net.head.bias[:1].add_(g),
    'weights N(0, 1)': lambda net, _: redraw(net, nn.init.normal_),
    'weights U(0, 1)': lambda net, _: redraw(net, nn.init.uniform_),
    'branches': lambda net, g: [m.weight.mul_(g*len(net.layers)**.5) for m in net.layers[1:]],
}


def make(c, seed):
    torch.manual_seed(seed)
    net = Net(c)
    if c.fault in changes:
        with torch.no_grad(): changes[c.fault](net, c.grade)
    return net


def configs():
    "All nets with faults."
    def grid(fault, grades, depths, names=('ReLU',), **kw):
        return [Config(fault, float(g), d, a, **kw) for d,a,g in product(depths, names, grades)]
    every,norm,gains = list(acts), dict(norm='BatchNorm'), (.125, .25, .5, .7, 1.4, 2, 4, 8)
    found = [*grid("PyTorch's default", [1], (2, 3, 5, 8, 10, 15, 20, 30), ('ReLU',)), *grid("PyTorch's default", [1], (2, 5, 10, 20), every[1:]),
             *grid("PyTorch's default", [1], (5, 20), **norm), *grid('gain', gains, (2,), ('ReLU', 'tanh')), *grid('gain', gains, (5,), every),
             *grid('gain', gains, (10,), ('ReLU', 'tanh', 'GELU')), *grid('gain', gains, (5,), ('ReLU', 'tanh'), **norm),
             *grid('gain', (.5, .7, .85, 1.2, 1.4, 2), (20,)), *grid('gain', (.125, .5, 2, 8), (10,), skip=True, **norm)]
    for kw in (dict(names=('ReLU', 'tanh')), norm):
        found += [*grid('input scale', (.001, 1/255, .01, .03, .1, .3, .5, 2, 3, 10, 30, 100), (3,), **kw),
                  *grid('input mean', (.25, .5, 1, 2, 3, 5, 10, 30), (3,), **kw), *grid('pixels', (1, 255), (3,), **kw),
                  *grid('last layer', (.01, .1, 3, 10, 30, 100), (3,), **kw), *grid('last bias', (1, 3, 10, 30), (3,), **kw),
                  *grid('weights N(0, 1)', [1], (1, 2, 3, 5), **kw), *grid('weights U(0, 1)', [1], (1, 2, 3, 5), **kw)]
    values = dict(names=('ReLU', 'tanh'), task='values')
    found += [*grid('target std', (.01, .1, .3, 3, 10, 30, 100, 1000), (3,), **values), *grid('target mean', (1, 3, 10, 30, 100, 1000), (3,), **values),
              *grid('target mean and std', (3, 10, 30, 100, 1000), (3,), **values)]
    found += [*grid('dead units in one layer', (.1, .3, .5, .7, .9, 1), (3, 5)), *grid('dead units in all layers', (.1, .3, .5, .7, .9), (3, 5)),
              *grid('negative biases', (.5, 1, 1.5, 2, 3), (3, 5)), *grid('spread biases', (1, 2, 3, 5, 10, 20), (2, 5), ('tanh', 'sigmoid')),
              *grid('dropout', (.1, .3, .5, .7, .9), (3, 5)), *grid('dropout on the scores', (.1, .3, .5, .7, .9), (3,)),
              *grid('branches', (0, .1, .2, .3, .4, .5, .7, 1, 1.4, 2, 4), (10, 20), skip=True), *grid('two linear layers', [1], (2, 4, 6)),
              *grid('every second activation missing', [1], (4, 6)), *grid('no activation at all', [1], (2, 4, 6)),
              *(Config('norm on few values', float(n), 5, 'ReLU', 'BatchNorm', batch=n) for n in (2, 4, 8, 16, 32, 64)),
              *grid('gain of one layer', (.01, .03, .1, .25, 4, 10, 30, 100), (5,), ('ReLU', 'GELU', 'tanh')),
              *grid('activation', [1], (2, 5, 10, 20), every[1:]), *grid('gain', (.7, .85, 1.2, 1.4), (40,))]
    return list(dict.fromkeys([c.twin for c in found] + found))


class Data:
    "Images of 14×14 pixels, labels, and a value for each image: what a fixed random net makes of it."
    def __init__(self, folder):
        (x,y),(xv,yv),_ = from_idx(folder)
        x,xv = (F.avg_pool2d(o[:30_000].float()/255, 2).flatten(1) for o in (x, xv[:2000]))
        self.mean,self.std = x.mean().item(), x.std().item()
        x,xv = ((o - self.mean)/self.std for o in (x, xv))
        g = torch.Generator().manual_seed(0)
        a,b = torch.randn(196, 32, generator=g)/14, torch.randn(32, 1, generator=g)
        v,vv = (torch.tanh(2*o@a)@b for o in (x, xv))
        mean,std = v.mean(), v.std()
        self.train,self.held_out = (x, y[:30_000], (v - mean)/std), (xv, yv[:2000], (vv - mean)/std)

    def batch_of(self, c, part, idx=slice(None)):
        "What the net of a configuration is given: images and targets."
        x,y,v = (o[idx] for o in part)
        if c.fault=='input scale': x = x*c.grade
        if c.fault=='input mean': x = x + c.grade
        if c.fault=='pixels': x = (x*self.std + self.mean)*c.grade
        if c.task=='classes': return x, y
        if c.fault in ('target std', 'target mean and std'): v = v*c.grade
        if c.fault in ('target mean', 'target mean and std'): v = v + c.grade
        return x, v

    def order(self, batch):
        "Which images each step sees: the same for all nets."
        return torch.randint(len(self.train[0]), (steps, batch), generator=torch.Generator().manual_seed(1))


def ratio(a, b): return a/b if b and math.isfinite(a) and math.isfinite(b) else math.nan


def measure(c, seed, data):
    "What one pass of `examine` shows of a net."
    xb,yb = data.batch_of(c, data.train, slice(c.batch))
    loss = F.cross_entropy if c.task=='classes' else F.mse_loss
    f = examine(make(c, seed), xb, yb, loss)
    linear = [r for r in f.rows if isinstance(r.module, nn.Linear)]
    hidden,back = linear[:-1], [r.gradient.norm for r in linear[:-1]]
    signal = [r.output.variation/r.reference for r in hidden if not (r.follower is not None and is_norm(r.follower)) and r.output.finite]
    gains = [ratio(r.gain, r.ideal_gain) for r in linear]
    silent = [r for r in f.rows if r.probe is not None]
    stds = [o.output.std for o in f.sums]
    lnc = math.log(classes)
    return dict(
        signal_min=min(signal, default=1.), signal_max=max(signal, default=1.), gradient=ratio(max(back), back[-1]), gradient_min=ratio(back[0], max(back)),
        gain=median(gains[:-1]), gain_worst=max((g for g in gains[:-1] if g > 0), key=lambda g: abs(math.log(g)), default=math.nan),
        gain_product=math.prod(gains[:-1]), dead=max((r.output.dead for r in silent), default=0.),
        dead_mean=sum(r.output.dead for r in silent)/max(1, len(silent)), saturated=max((r.saturated for r in silent if r.saturated >= 0), default=math.nan),
        input_std=f.inputs[0].stats.std, input_mean=f.inputs[0].stats.mean, initial_loss=ratio(f.loss, lnc if c.task=='classes' else yb.var().item()),
        uniform=f.losses[0].stats.bias/lnc if f.losses else math.nan, target_mean=yb.float().mean().item() if c.task=='values' else math.nan,
        target_std=yb.float().std().item() if c.task=='values' else math.nan, output_std=linear[-1].output.std,
        growth=(stds[-1]/stds[0])**(2/(len(stds) - 1)) if len(stds) > 1 and stds[0] else math.nan,
        norm_values=min((r.norm_values for r in f.rows if r.norm_values > 0), default=math.nan))


class Stack:
    "Nets of one structure, trained side by side: each parameter has a first dimension for the members."
    def __init__(self, c, nets):
        def stack(get): return torch.stack([get(o).detach().clone() for o in nets])
        self.c,self.first = c, nets[0]
        self.layers = [(stack(lambda o,i=i: o.layers[i].weight.T), stack(lambda o,i=i: o.layers[i].bias[None])) for i in range(c.depth)]
        self.layers.append((stack(lambda o: o.head.weight.T), stack(lambda o: o.head.bias[None])))
        e = len(nets)
        self.norms = [(torch.ones(e, 1, width), torch.zeros(e, 1, width)) for _ in range(c.depth if c.norm else 0)]
        self.seen = [[torch.zeros(e, 1, width), torch.ones(e, 1, width)] for _ in self.norms]
        self.params = [p.requires_grad_() for pair in self.layers + self.norms for p in pair]

    def norm(self, x, i, training):
        if not self.norms: return x
        (gain,bias),seen = self.norms[i], self.seen[i]
        mean,var = (x.mean(1, keepdim=True), x.var(1, keepdim=True, correction=0)) if training else seen
        if training:
            n = x.shape[1]
            for old,new in zip(seen, (mean, var*n/(n - 1))): old.lerp_(new.detach(), .1)
        return (x - mean)/(var + 1e-5).sqrt()*gain + bias

    def __call__(self, x, training=True):
        x = x.expand(len(self.layers[0][0]), *x.shape)
        for i,(w,b) in enumerate(self.layers[:-1]):
            h = self.first.acts[i](self.norm(torch.baddbmm(b, x, w), i, training))
            if training and self.first.drops[i].p: h = self.first.drops[i](h)
            x = x + h if self.c.skip and i else h
        w,b = self.layers[-1]
        x = torch.baddbmm(b, x, w)
        return self.first.last(x) if training and self.first.last.p else x


def losses(c, scores, y):
    "The loss of each member."
    if c.task=='values': return (scores - y).square().mean((1, 2))
    e,n,_ = scores.shape
    return F.cross_entropy(scores.flatten(0, 1), y.repeat(e), reduction='none').view(e, n).mean(1)


@torch.no_grad()
def update(optimizer, p, g, state, lr, t):
    "A step of one stacked parameter."
    if optimizer=='SGD': p.sub_(state[0].mul_(.9).add_(g)*lr); return
    m,v = state
    m.lerp_(g, .1); v.mul_(.999).addcmul_(g, g, value=.001)
    p.sub_((m/(1 - .9**t)).div_((v/(1 - .999**t)).sqrt_().add_(1e-8)).mul_(lr))


def train(c, nets, lrs, optimizer, data, n_steps=steps):
    """Train all, each with its own rate, which falls to 0 along a line; held-out loss, as a fraction of that of knowing nothing, and
    held-out score, from 0 for knowing nothing to 1."""
    stack,order = Stack(c, nets), data.order(c.batch)[:n_steps]
    torch.manual_seed(0)  # dropout
    state = [[torch.zeros_like(p) for _ in range(1 + (optimizer=='Adam'))] for p in stack.params]
    lrs = torch.tensor(lrs)[:, None, None]
    for t,idx in enumerate(order):
        x,y = data.batch_of(c, data.train, idx)
        grads = torch.autograd.grad(losses(c, stack(x), y).sum(), stack.params)
        for p,g,s in zip(stack.params, grads, state): update(optimizer, p, g, s, lrs*(1 - t/n_steps), t + 1)
    with torch.no_grad():
        x,y = data.batch_of(c, data.held_out)
        scores = stack(x, training=False)
        loss = losses(c, scores, y)/(math.log(classes) if c.task=='classes' else y.var())
        good = ((scores.argmax(2)==y).float().mean(1) - 1/classes)/(1 - 1/classes) if c.task=='classes' else 1 - loss
    fine = loss.isfinite()
    return loss.where(fine, torch.inf).tolist(), good.where(fine, 0.).clamp(min=0).tolist()


def in_parts(c, runs, *args):
    "`train` for (configuration, seed, rate), not too many at a time."
    loss,good = [], []
    for part in (runs[i:i+most] for i in range(0, len(runs), most)):
        l,g = train(c, [make(o, seed) for o,seed,_ in part], [lr for *_,lr in part], *args)
        loss += l; good += g
    return loss, good


def finite(x): return x if math.isfinite(x) else 1e9


def outcomes(cs, optimizer, data):
    "Rows for configurations of one structure."
    grid = rates[optimizer]
    loss,_ = in_parts(cs[0], [(c, 0, lr) for c in cs for lr in grid], optimizer, data)
    by_rate = [[finite(o) for o in loss[i:i+len(grid)]] for i in range(0, len(loss), len(grid))]
    best = [min(range(len(grid)), key=o.__getitem__) for o in by_rate]
    runs = [(c, seed, grid[k]) for c,k in zip(cs, best) for seed in new_seeds]
    loss,good = in_parts(cs[0], runs, optimizer, data)
    healthy = [o for o in runs if o[0].fault=='none']
    half = iter(in_parts(cs[0], healthy, optimizer, data, steps//2)[0])
    n = len(new_seeds)
    def text(values): return ' '.join(f'{o:.3g}' for o in values)
    for i,(c,k) in enumerate(zip(cs, best)):
        mine = slice(i*n, (i + 1)*n)
        yield dict(asdict(c), optimizer=optimizer, rate=f'{grid[k]:.2g}', at_end=k in (0, len(grid) - 1), loss=text(loss[mine]), score=text(good[mine]),
                   half=text(next(half) for _ in new_seeds) if c.fault=='none' else '')


def measured(c, data, known):
    "Medians of what `measure` finds, over three seeds, as text; kept in `known`, since optimizers share it."
    if c not in known:
        seen = [measure(c, s, data) for s in new_seeds[:3]]
        middle = {k: [o[k] for o in seen if not math.isnan(o[k])] for k in seen[0]}
        known[c] = {k: f'{median(v):.3g}' if v else '' for k,v in middle.items()}
    return known[c]


keys = [o.name for o in fields(Config)]


def key_of(row): return tuple(str(row[k]) for k in keys)


def verdict(row, twin):
    """'fails' if most seeds end with less than half of the healthy net's score; 'slower' if most have a loss after all steps that the healthy
    net, with the same seed and its own best rate, has after half of them; 'fails anyway' if the healthy net fails; else 'no effect'."""
    if twin is None or twin is row: return ''
    def values(o, k): return [float(v) for v in o[k].split()]
    score,healthy = values(row, 'score'), values(twin, 'score')
    row['relative'] = f'{median(score)/max(median(healthy), 1e-9):.3f}'
    if median(healthy) < .3: return 'fails anyway'
    majority = len(score)//2 + 1
    row['failed'] = sum(a < b/2 for a,b in zip(score, healthy))
    row['slow'] = sum(a > b for a,b in zip(values(row, 'loss'), values(twin, 'half')))
    if row['failed'] >= majority: return 'fails'
    return 'slower' if row['slow'] >= majority else 'no effect'


def judge(rows):
    "Fill in the verdicts."
    healthy = {(key_of(o), o['optimizer']): o for o in rows if o['fault']=='none'}
    for o in rows:
        c = Config(o['fault'], float(o['grade']), int(o['depth']), o['act'], o['norm'], str(o['skip'])=='True', o['task'], int(o['batch']))
        o['failed'] = o['slow'] = o['relative'] = ''
        twin = None if o['fault']=='none' else healthy.get((key_of(dict(asdict(c.twin))), o['optimizer']))
        o['verdict'] = verdict(o, twin)


def read_rows(path):
    if not path.exists(): return []
    with path.open(newline='') as f: return list(csv.DictReader(f))


def write_rows(path, rows):
    "All rows, judged; a file that is whole at any time."
    new = path.with_suffix('.new')
    judge(rows)
    with new.open('w', newline='') as f:
        out = csv.DictWriter(f, rows[0], lineterminator='\n')
        out.writeheader()
        out.writerows(rows)
    new.replace(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--data', required=True)
    parser.add_argument('--out', type=Path, default=root/'nbs/results/calibration.csv')
    parser.add_argument('--seconds', type=float, default=math.inf)
    parser.add_argument('--only', help='faults that contain this')
    args = parser.parse_args()
    torch.set_num_threads(1); torch.set_flush_denormal(True)
    until,data,rows,known = time.time() + args.seconds, Data(args.data), read_rows(args.out), {}
    done = {(key_of(o), o['optimizer']) for o in rows}
    groups = {}
    for optimizer,c in product(rates, configs()):
        wanted = args.only is None or args.only in c.fault
        if wanted and (key_of(asdict(c)), optimizer) not in done: groups.setdefault((c.structure, optimizer), []).append(c)
    print(f'{sum(map(len, groups.values()))} rows in {len(groups)} groups are missing', flush=True)
    for (_,optimizer),cs in sorted(groups.items(), key=lambda o: all(c.fault!='none' for c in o[1])):
        if time.time() > until: break
        start = time.time()
        rows += [{**o, **measured(c, data, known)} | dict(failed='', slow='', verdict='', relative='') for c,o in zip(cs, outcomes(cs, optimizer, data))]
        write_rows(args.out, rows)
        print(f'{len(cs):3} {cs[0].fault}, depth {cs[0].depth}, {optimizer}: {time.time() - start:.0f} s', flush=True)


if __name__=='__main__': main()
