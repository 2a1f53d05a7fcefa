"""Try what only an accelerator can show, in one run of under 8 minutes, and write what was found into one JSON file.

    python scripts/check_device.py [--out device.json]     # one CUDA device
    python scripts/check_device.py --cpu                   # the parts that a CPU can run, small: half a minute, in CI

Needs the checkout, torch >= 2.5 and fastcore, which is pure Python, and nothing else: packages that are not installed (datasets, matplotlib,
IPython, …) are replaced by names that do nothing, and the images then come from the four IDX files, the shipped sample, or are made up; `absent`
and `data` in the JSON say so. On a device each part runs in a process of its own, so that neither an error nor a kernel that hangs loses the others.
"""
import argparse
import gzip
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import io
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
import types
import weakref
from contextlib import nullcontext, redirect_stdout
from functools import cached_property, partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils._python_dispatch import TorchDispatchMode

root = Path(__file__).resolve().parent.parent
optional = 'datasets huggingface_hub pyarrow pandas numpy matplotlib PIL IPython tqdm safetensors'.split()
idx_names = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']
system_folder = '/usr/share/datasets/fashion-mnist'
whole = 460  # seconds that a run on a device may take
kinds_of_16 = {'float16': torch.float16, 'bfloat16': torch.bfloat16}


# Packages that are not here
class Nothing(type):
    "Makes classes that accept everything and do nothing; their attributes are more of them."
    def __getattr__(cls, name):
        if name.startswith('__'): raise AttributeError(name)
        return Nothing(name, (Nobody,), {})


class Nobody(metaclass=Nothing):
    def __init__(self, *args, **kw): pass
    def __call__(self, *args, **kw): return self
    def __getattr__(self, name):
        if name.startswith('__'): raise AttributeError(name)
        return self


class Placeholders(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    "Finds a module of nothing for each package that is not installed."
    def __init__(self, names): self.names = set(names)
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name.split('.')[0] in self.names else None
    def create_module(self, spec): return types.ModuleType(spec.name)
    def exec_module(self, module):
        def nothing(*args): return None
        # IPython is not running; the state of NumPy's random numbers never changes.
        made = {'get_ipython': nothing}
        if module.__name__=='numpy': from numpy import random  # noqa: F401
        if module.__name__=='numpy.random': made |= dict(get_state=lambda: ('', torch.zeros(1), 0), set_state=nothing, seed=nothing)
        def find(name):
            if name.startswith('__') and name.endswith('__'): raise AttributeError(name)
            return made.setdefault(name, Nothing(name, (Nobody,), {}))
        module.__getattr__ = find


def prepare(without=()):
    "Put the checkout and the placeholders where imports find them; the names of what is absent."
    absent = sorted({o for o in optional if importlib.util.find_spec(o) is None} | set(without))
    sys.meta_path.insert(0, Placeholders(absent))
    sys.path.insert(0, str(root))
    if importlib.util.find_spec('fastcore') is None: sys.exit('check_device.py needs fastcore, a wheel of pure Python: pip install fastcore')
    os.environ.setdefault('MPLBACKEND', 'Agg')
    return absent


# Images: uint8 n×1×28×28, and labels, for training and for validation
def read_idx(folder, stem):
    "An IDX file, gzipped or not, without NumPy."
    file = next((o for o in (Path(folder)/stem, Path(folder)/f'{stem}.gz') if o.exists()), None)
    if file is None: return None
    raw = file.read_bytes()
    raw = bytearray(gzip.decompress(raw) if raw[:2]==b'\x1f\x8b' else raw)
    shape = [int.from_bytes(raw[4+4*i:8+4*i], 'big') for i in range(raw[3])]
    return torch.frombuffer(raw, dtype=torch.uint8, offset=4+4*len(shape)).reshape(shape).clone()


def from_idx(folder):
    "Fashion-MNIST, whole; `None` if the four files are not there."
    if not folder or not Path(folder).is_dir(): return None
    found = [read_idx(folder, o) for o in idx_names]
    if any(o is None for o in found): return None
    x,y,xv,yv = found
    return (x[:, None], y.long()), (xv[:, None], yv.long()), f'Fashion-MNIST, {len(x):,} + {len(xv):,} images'


def from_sample():
    "The sample that ships with the package, ten times, so that an epoch is as long as that of the whole set; `None` without pyarrow and PIL."
    try:
        import pyarrow.parquet as pq
        from PIL import Image
        parts = []
        for split in ('train', 'test'):
            rows = pq.read_table(next((root/'miniai/data').glob(f'*{split}*.parquet'))).to_pylist()
            raw = bytearray(b''.join(Image.open(io.BytesIO(o['image']['bytes'])).convert('L').tobytes() for o in rows))
            parts.append((torch.frombuffer(raw, dtype=torch.uint8).reshape(-1, 1, 28, 28).clone(), torch.tensor([o['label'] for o in rows])))
    except Exception: return None
    (x,y),valid = parts
    return (x.repeat(10, 1, 1, 1), y.repeat(10)), valid, f'the shipped sample, {len(x):,} images ten times over + {len(valid[0]):,}: accuracy is that of the sample'


def made_up(n=60_000, nv=10_000):
    "Ten blurred patterns, shifted, under noise: for times, not for accuracy."
    g = torch.Generator().manual_seed(0)
    patterns = F.avg_pool2d(torch.rand(10, 1, 32, 32, generator=g), 5, 1)
    def draw(n):
        y = torch.randint(10, (n,), generator=g)
        x = patterns[y] + 0.15*torch.randn(n, 1, 28, 28, generator=g)
        return (x.clamp(0, 1)*255).to(torch.uint8), y
    return draw(n), draw(nv), f'made up, {n:,} + {nv:,} images: accuracy says nothing'


class Case:
    "Where a part runs, and how much it does."
    def __init__(self, device, data=None, seconds=120.):
        self.device,self.folder,self.end,self.small = torch.device(device), data, time.monotonic() + seconds, device=='cpu'
    @property
    def left(self): return self.end - time.monotonic()
    def sized(self, large, small): return small if self.small else large

    @cached_property
    def images(self):
        "Training and validation images on the device, and what they are."
        if self.small and not self.folder: return made_up(2000, 500)
        folders = [self.folder] if self.folder else [os.environ.get('FASHION_MNIST'), system_folder]
        found = next(filter(None, map(from_idx, folders)), None)
        if found is None and self.folder: raise FileNotFoundError(f'{self.folder}: expected the four IDX files of Fashion-MNIST there')
        train,valid,what = found or from_sample() or made_up()
        if self.small: train,valid,what = [o[:2000] for o in train], [o[:500] for o in valid], f'the first of {what}'
        return [o.to(self.device) for o in train], [o.to(self.device) for o in valid], what

    def loaders(self, batch_size, tfm=None):
        from miniai.datasets import DataLoaders, TensorLoader
        train,valid,_ = self.images
        return DataLoaders(TensorLoader(*train, batch_size, shuffle=True, tfm=tfm), TensorLoader(*valid, 2*batch_size))

    def net(self, **kw):
        from miniai.conv import get_model
        return get_model(**kw).to(self.device)

    def wait(self):
        if self.device.type=='cuda': torch.cuda.synchronize()


def need(condition, what):
    if not condition: raise AssertionError(what)


def medians(seconds, base):
    "Milliseconds of each, and the median over the pairs of its time beside `base`'s."
    return {k: dict(ms=statistics.median(v)*1e3, ratio=statistics.median(a/b for a,b in zip(v, seconds[base]))) for k,v in seconds.items()}


# No synchronization in the batch loop
class Copies(TorchDispatchMode):
    "What copies values from the CPU to 'meta' raises, as on a device it would wait."
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        tensors = [o for o in args if isinstance(o, torch.Tensor)]
        to_meta = isinstance(out, torch.Tensor) and out.device.type=='meta' and func._schema.name in ('aten::_to_copy', 'aten::copy_')
        if to_meta and any(o.device.type=='cpu' and o.ndim for o in tensors): raise RuntimeError('a copy from the CPU, which synchronizes')
        return out


class NoWaiting:
    """A callback: from the second batch of a fit (the first may prepare something) to the last one of each epoch, what waits for the device raises. A
    machine without a device has 'meta', whose tensors have no values: there whatever needs one raises by itself, and nobody looks at what
    comes after the last batch."""
    order,in_lr_find = 1000,False
    def __init__(self, device): self.device,self.copies,self.batches,self.on,self.ended = device,Copies(),0,False,False
    def watch(self, on):
        if on==self.on: return
        self.on = on
        if self.device.type=='cuda': torch.cuda.set_sync_debug_mode('error' if on else 'default')
        elif on: self.copies.__enter__()
        else: self.copies.__exit__(None, None, None)
    def before_batch(self, learn): self.watch(learn.epoch > 0 or learn.iter > 0)
    def cleanup_batch(self, learn):
        from miniai.learner import CancelFitException
        self.batches += 1
        if learn.iter+1 < len(learn.dl): return
        self.watch(False)
        self.ended = self.device.type=='meta'
        if self.ended: raise CancelFitException
    def cleanup_fit(self, learn): self.watch(False)


class Waits:
    "Callbacks that do wait: that is noticed."
    def __init__(self, how): self.after_batch = lambda learn: how(learn.loss)


def sync_cases(fused):
    "Callbacks and options of a fit, by name."
    from miniai import sgd
    from miniai.activations import ActivationStats
    from miniai.init import recipes
    from miniai.learner import LossesCB
    def augment(batch):
        for f in recipes['wide'].tfms: batch = f(batch)
        return batch
    cases = {'plain': {}, 'augmented': dict(tfm=augment), 'schedule, losses': dict(cbs=lambda: [sgd.OneCycleCB(0.1), LossesCB()]),
             'statistics': dict(cbs=lambda: [ActivationStats()]), 'statistics, gradients, updates': dict(cbs=lambda: [ActivationStats(grads=True, updates=True)]),
             'Adam': dict(opt_func=partial(optim.Adam, fused=fused))}
    if hasattr(sgd, 'GradAccumCB'): cases['accumulated gradients'] = dict(cbs=lambda: [sgd.GradAccumCB(2)])
    planted = {'item': lambda x: x.item(), 'copy': lambda x: torch.ones(3).to(x.device)}
    return cases | {f'planted: {k}': dict(cbs=partial(list, [Waits(f)])) for k,f in planted.items()}


def sync_one(case, device, tfm=None, cbs=list, opt_func=optim.SGD):
    "Where a fit waits, or 'nowhere'."
    from miniai.init import BatchTransformCB, normalizer
    from miniai.learner import Accuracy, DeviceCB, MetricsCB, ProgressCB, TrainLearner
    watcher = NoWaiting(device)
    first = [DeviceCB(device), BatchTransformCB(normalizer(0.3, 0.35)), MetricsCB(accuracy=Accuracy()).quiet(), ProgressCB()]
    dls = case.loaders(256, tfm)
    for dl in (dls.train, dls.valid): dl.x,dl.y = dl.x.to(device), dl.y.to(device)
    learn = TrainLearner(case.net(norm=nn.BatchNorm2d).to(device), dls, F.cross_entropy, 1e-3, [*first, *cbs(), watcher], opt_func)
    for train in (True, False):
        watcher.ended = False
        try: learn.fit(case.sized(2, 1), train=train, valid=not train or not case.small)
        except (RuntimeError, NotImplementedError) as e:
            if watcher.ended: continue
            if not any(o in str(e) for o in ('synchroniz', 'meta')): raise
            frames = [o for o in traceback.extract_tb(e.__traceback__) if Path(o.filename).parent.name=='miniai']
            return f'{Path(frames[-1].filename).name}, {frames[-1].name}: {frames[-1].line}' if frames else str(e)
        finally: watcher.watch(False)
    need(watcher.batches >= len(dls.train) + len(dls.valid), f'only {watcher.batches} batches were watched')
    return 'nowhere'


def sync(case):
    "What waits for the device between the first batch and the end of an epoch."
    device = torch.device('meta') if case.small else case.device
    with redirect_stdout(io.StringIO()): result = {k: sync_one(case, device, **kw) for k,kw in sync_cases(fused=not case.small).items()}
    blind = [k for k,v in result.items() if k.startswith('planted') and v=='nowhere']
    bad = {k: v for k,v in result.items() if not k.startswith('planted') and v != 'nowhere'}
    wrong = f'what was planted is not noticed: {blind}' if blind else f'waits in the batch loop: {bad}' if bad else None
    return {'device': str(device), **result}, wrong


# Memory
def by_hand(model, train, valid, batch_size, lr=0.05):
    "An epoch as one writes it: sums stay on the device, and are read once at the end."
    opt = optim.SGD(model.parameters(), lr)
    result = []
    for training,(x,y),size in ((True, train, batch_size), (False, valid, 2*batch_size)):
        model.train(training)
        order = (torch.randperm(len(x)) if training else torch.arange(len(x))).to(x.device)
        loss_sum = right = 0
        with torch.set_grad_enabled(training):
            for idx in order.split(size):
                xb,yb = x[idx].float()/255, y[idx]
                preds = model(xb)
                loss = F.cross_entropy(preds, yb)
                if training:
                    loss.backward()
                    opt.step()
                    opt.zero_grad()
                loss_sum += loss.detach()*len(xb)
                right += (preds.detach().argmax(1)==yb).sum()
        result.append([(loss_sum/len(x)).item(), (right/len(x)).item()])
    return result


def with_learner(model, dls, device, lr=0.05, cbs=()):
    from miniai.learner import Accuracy, DeviceCB, MetricsCB, ProgressCB, TrainLearner
    metrics = MetricsCB(accuracy=Accuracy())
    with redirect_stdout(io.StringIO()): TrainLearner(model, dls, F.cross_entropy, lr).fit(1, cbs=[DeviceCB(device), metrics, ProgressCB(), *cbs])
    return [[o['loss'], o['accuracy']] for o in metrics.history]


def peak(f):
    "MiB on the device that `f` needs at most, beside what was there."
    torch.cuda.synchronize(); torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    f()
    torch.cuda.synchronize()
    return (torch.cuda.max_memory_allocated() - before)/2**20


def memory(case):
    "Peak memory beside the same work by hand, and what is left after a fit."
    if case.device.type != 'cuda': return 'skipped: PyTorch counts no memory of a CPU', None
    from miniai.activations import ActivationStats
    from miniai.diagnose import diagnose
    from miniai.lsuv import lsuv_
    train,valid,_ = case.images
    dls,model = case.loaders(1024), case.net(norm=nn.BatchNorm2d)
    xb,yb = train[0][:1024].float()/255, train[1][:1024]
    def forward_backward():
        F.cross_entropy(model(xb), yb).backward()
        model.zero_grad()
    runs = {'by hand': lambda: by_hand(model, train, valid, 1024), 'Learner': lambda: with_learner(model, dls, case.device),
            'Learner, statistics': lambda: with_learner(model, dls, case.device, cbs=[ActivationStats()]),
            'forward and backward': forward_backward, 'diagnose': lambda: diagnose(model, xb, yb, loss_func=F.cross_entropy),
            'lsuv_': lambda: lsuv_(case.net(), xb)}
    with_learner(model, dls, case.device); forward_backward()  # what the libraries keep for good
    result = {f'peak MiB, {k}': peak(f) for k,f in runs.items()}
    before = torch.cuda.memory_allocated()
    for _ in range(3): with_learner(model, dls, case.device)
    result['MiB left by three fits'] = (torch.cuda.memory_allocated() - before)/2**20
    more = result['peak MiB, Learner']/result['peak MiB, by hand']
    wrong = f'the Learner needs × {more:.2f} the memory of the loop by hand' if more > 1.25 else None
    if result['MiB left by three fits'] > 1: wrong = f"{result['MiB left by three fits']:.1f} MiB are left after three fits"
    return result, wrong


# Statistics
def steps(model, opt, xb, yb, n, watch):
    "Training steps, which `ActivationStats` watches with these options; `None`: unwatched."
    from miniai.activations import ActivationStats
    with ActivationStats(model, **watch) if watch is not None else nullcontext():
        for _ in range(n):
            F.cross_entropy(model(xb), yb).backward()
            opt.step()
            opt.zero_grad()


def statistics_cost(case):
    "Training steps with and without `ActivationStats`, in pairs, at several batch sizes."
    from miniai.tensors import time_paired
    result = {}
    for size in case.sized((1024, 4096, 16384, 65536), (256,)):
        try:
            model = case.net(norm=nn.BatchNorm2d)
            xb,yb = torch.randn(size, 1, 28, 28, device=case.device), torch.randint(10, (size,), device=case.device)
            run = partial(steps, model, optim.SGD(model.parameters(), 1e-3), xb, yb, case.sized(16, 2))
            runs = {'plain': partial(run, None), 'every batch': partial(run, {}), 'every 4th': partial(run, dict(every=4))}
            for f in runs.values(): f()
            result[f'batch {size}'] = medians(time_paired(runs, case.sized(7, 3)), 'plain')
        except torch.OutOfMemoryError: result[f'batch {size}'] = 'does not fit into the memory of the device'
        if case.left < 10: break
    return result, None


# LSUV in 16 bits
def off_target(model, xb, layers):
    "How far outputs of these layers are from standard deviation 1 at most, computed in float64."
    found,hooks = [],[]
    for m in model.modules():
        if isinstance(m, layers): hooks.append(m.register_forward_hook(lambda m, args, out: found.append(abs(out.double().std().item() - 1))))
    with torch.no_grad(): model(xb)
    for h in hooks: h.remove()
    return max(found)


def lsuv(case):
    "`lsuv_` on nets whose weights have 32 and 16 bits."
    from miniai.general_relu import GeneralRelu
    from miniai.lsuv import lsuv_
    act = partial(GeneralRelu, leak=0.1, sub=0.4)
    def deep(): return nn.Sequential(nn.Flatten(), *[m for i in range(case.sized(30, 8)) for m in (nn.Linear(784 if i==0 else 100, 100), act())], nn.Linear(100, 10))
    result,wrong = {}, []
    for name,dtype in {'float32': torch.float32, **kinds_of_16}.items():
        for net,build in {'conv': lambda: case.net(act=act), 'deep': lambda: deep().to(case.device)}.items():
            for on,layers in {'layer': (nn.Linear, nn.Conv2d), 'act': GeneralRelu}.items():
                torch.manual_seed(0)
                model,xb = build().to(dtype), torch.randn(case.sized(1024, 128), 1, 28, 28, device=case.device, dtype=dtype)
                key = f'{net}, {name}, on={on}'
                try:
                    lsuv_(model, xb, on=on, head=True)
                    result[key] = off_target(model, xb, layers)
                    if not result[key] < {'float32': 2e-3, 'float16': 1e-2, 'bfloat16': 5e-2}[name]: wrong.append(f'{key}: off target by {result[key]:.3f}')
                except Exception as e:
                    result[key] = repr(e)
                    wrong.append(f'{key}: {e!r}')
    return result, '; '.join(wrong) or None


# diagnose in 16 bits
def diagnosed(model, xb, yb, context=nullcontext):
    "Kinds of findings, with the layers that a finding of values that are not finite names; seconds; is the model as it was?"
    from miniai.diagnose import diagnose
    before = [o.clone() for o in model.state_dict().values()]
    start = time.perf_counter()
    with context(): report = diagnose(model, xb, yb, loss_func=F.cross_entropy)
    layers = [n for o in report.findings if o.kind=='non-finite' for n in o.layers]
    same = all(torch.equal(a, b) for a,b in zip(before, model.state_dict().values()))
    return dict(kinds=sorted({o.kind for o in report.findings}), layers=layers, ms=(time.perf_counter() - start)*1e3, unchanged=same)


def overflowing(case, dtype=torch.float32):
    "A net whose second layer outputs values beyond 65,504, the largest of float16."
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    for i in (0, 2): nn.init.normal_(model[i].weight, std=40.)
    return model.to(case.device, dtype)


def diagnosing(case):
    "A healthy net must stay healthy under autocast, and an overflow of float16 must be found where it happens."
    from miniai.kaiming import init_model
    kind = case.device.type
    torch.manual_seed(0)
    model = init_model(nn.Sequential(*[m for _ in range(6) for m in (nn.Linear(64, 64), nn.ReLU())], nn.Linear(64, 10))).to(case.device)
    xb,yb = torch.randn(256, 64, device=case.device), torch.arange(256, device=case.device) % 10
    result = {'healthy, float32': diagnosed(model, xb, yb)}
    for name,dtype in kinds_of_16.items():
        result[f'healthy, autocast {name}'] = diagnosed(model, xb, yb, partial(torch.autocast, kind, dtype))
    result['overflow, float32'] = diagnosed(overflowing(case), xb, yb)
    result['overflow, autocast float16'] = diagnosed(overflowing(case), xb, yb, partial(torch.autocast, kind, torch.float16))
    result['overflow, weights in float16'] = diagnosed(overflowing(case, torch.float16), xb.half(), yb)
    wrong = [f'{k}: the model was changed' for k,v in result.items() if not v['unchanged']]
    wrong += [f"{k}: {v['kinds']}, in float32 {result['healthy, float32']['kinds']}" for k,v in result.items()
              if k.startswith('healthy') and v['kinds'] != result['healthy, float32']['kinds']]
    wrong += [f"{k}: found {v['kinds']} in {v['layers']}, expected values that are not finite from layer 2 on" for k,v in result.items()
              if '16' in k and k.startswith('overflow') and v['layers'][:1] != ['2']]
    if result['overflow, float32']['layers']: wrong.append('overflow, float32: values that are not finite')
    return result, '; '.join(wrong) or None


# Out of memory
class Hungry(nn.Module):
    "A forward pass that keeps one tensor after another until there is no memory left; on a CPU it says so after a few."
    def __init__(self, chunk, most): super().__init__(); self.chunk,self.most,self.w,self.seen = chunk,most,nn.Parameter(torch.ones(1)),[]
    def forward(self, x):
        kept = []
        while True:
            kept.append(self.w*torch.ones(self.chunk//4, device=x.device))
            self.seen.append(weakref.ref(kept[-1]))
            if self.most and len(kept)==self.most: raise torch.OutOfMemoryError('planted')


def out_of_memory(case):
    "Run out of memory in a fit, as in a notebook, whose last exception stays; clean; then the same allocation again, twice."
    from miniai.init import clean_mem
    from miniai.learner import TrainLearner
    cuda = case.device.type=='cuda'
    total = torch.cuda.mem_get_info()[0] if cuda else 0
    def held(): return torch.cuda.memory_allocated()/2**20 if cuda else sum(o() is not None for o in model.seen)
    def run_out():
        try: TrainLearner(model, types.SimpleNamespace(train=[(torch.ones(1, device=case.device),)*2], valid=[]), lr=0.).fit(1, valid=False)
        except torch.OutOfMemoryError as e: sys.last_exc = sys.last_value = e; sys.last_traceback = e.__traceback__; return str(e)[:200]
        raise AssertionError('there was no end of the memory')
    model = Hungry(max(total//20, 2**20), 0 if cuda else 8).to(case.device)
    result = {'unit': 'MiB' if cuda else 'tensors', 'held at first': held(), 'largest allocation, MiB': round(0.8*total/2**20)}
    for i in (1, 2):
        result[f'error {i}'] = run_out()
        result[f'held after error {i}'] = held()
        with redirect_stdout(io.StringIO()): clean_mem()
        result[f'held after cleaning {i}'] = held()
        if cuda: torch.empty(int(0.8*total), dtype=torch.uint8, device=case.device)  # raises if the memory did not come back
    need(result['held after error 1'] > (0.5*total/2**20 if cuda else 6), f'nothing was held by the exception, so nothing was tested: {result}')
    left = result['held after cleaning 2'] - result['held at first']
    return result, f'{left} {result["unit"]} are left after cleaning' if left > (1 if cuda else 0) else None


# Speed
def loop(case):
    "An epoch of the Learner, with metrics and progress, beside the loop by hand, on the same tensors."
    from miniai.tensors import time_paired
    train,valid,what = case.images
    result,wrong = {'data': what}, []
    def seeded(f, *args):
        torch.manual_seed(0)
        return f(case.net(norm=nn.BatchNorm2d), *args)
    for size in case.sized((64, 256, 1024), (256,)):
        runs = {'by hand': partial(seeded, by_hand, train, valid, size), 'Learner': partial(seeded, with_learner, case.loaders(size), case.device)}
        results = {k: f() for k,f in runs.items()}
        apart = max(abs(a - b) for p,q in zip(*results.values()) for a,b in zip(p, q))
        if not apart < 0.02: wrong.append(f'batch {size}: loss and accuracy of both are {apart:.3f} apart: {results}')
        result[f'batch {size}'] = medians(time_paired(runs, case.sized(7, 3)), 'by hand') | {'apart': apart}
        if case.left < 15: break
    return result, '; '.join(wrong) or None


def record(case):
    "Time and accuracy of the recipe `record` of notebook 12; with fewer epochs if there is no time for all."
    from miniai.init import recipes
    from miniai.learner import Accuracy, MetricsCB
    recipe = recipes['record']
    train,valid,what = case.images
    def fit(epochs):
        torch.manual_seed(0)
        learn = recipe.learner(recipe.new_model().to(case.device), recipe.loaders(train, valid), [metrics := MetricsCB(accuracy=Accuracy()).quiet()])
        case.wait(); start = time.perf_counter()
        learn.fit(epochs)
        case.wait()
        return learn, time.perf_counter() - start, metrics.history
    one = min(fit(1)[1] for _ in range(2))
    epochs = case.sized(max(1, min(recipe.epochs, math.floor(0.85*case.left/one))), 1)
    learn,seconds,history = fit(epochs)
    accuracy = (recipe.scores(learn.model, learn.dls.valid).argmax(1)==valid[1]).float().mean().item()
    return {'data': what, 'epochs': epochs, 'of': recipe.epochs, 'seconds': seconds, 'accuracy': accuracy, 'without mirror images': history[-1]['accuracy'],
            'seconds of training': sum(o['seconds'] for o in history if o['train']=='train'), 'seconds of one epoch': one}, None


# Name, function, most seconds on a device
parts = {'sync': (sync, 60), 'memory': (memory, 40), 'diagnose': (diagnosing, 40), 'lsuv': (lsuv, 60), 'out of memory': (out_of_memory, 40),
         'statistics': (statistics_cost, 60), 'loop': (loop, 80), 'record': (record, 200)}


def run_part(name, case):
    "What a part found, or how it failed."
    start = time.monotonic()
    try: result,wrong = parts[name][0](case)
    except BaseException as e:
        if isinstance(e, KeyboardInterrupt): raise
        result,wrong = None,f'{e!r}\n{traceback.format_exc()[-4000:]}'
    return dict(ok=wrong is None, seconds=round(time.monotonic() - start, 2), result=result, error=wrong)


def in_process(name, args, seconds):
    "Run a part in a process of its own."
    with tempfile.TemporaryDirectory() as tmp:
        out,start = Path(tmp)/'part.json', time.monotonic()
        words = [sys.executable, __file__, '--part', name, '--out', str(out), '--seconds', str(seconds - 8)]
        words += [o for k in ('data', 'without') if getattr(args, k) for o in (f'--{k}', getattr(args, k))]
        try: got = subprocess.run(words, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired as e: error = f'stopped after {seconds:.0f} s: {(e.stderr or b"")[-2000:]!r}'
        else:
            if out.exists(): return json.loads(out.read_text())
            error = f'exit status {got.returncode}: {got.stderr[-4000:]}'
        return dict(ok=False, seconds=round(time.monotonic() - start, 2), result=None, error=error)


def said_by(*words):
    try: return subprocess.run(words, capture_output=True, text=True, timeout=20, cwd=root).stdout.strip() or None
    except (OSError, subprocess.TimeoutExpired): return None


def about(device, absent):
    "Hardware and versions."
    found = dict(when=time.strftime('%Y-%m-%d %H:%M', time.gmtime()), commit=said_by('git', 'rev-parse', '--short', 'HEAD'), python=platform.python_version(),
                 torch=torch.__version__, platform=platform.platform(), cpus=os.cpu_count(), threads=torch.get_num_threads(), absent=absent, device=str(device))
    for name in ('fastcore', *optional):
        if name in absent: continue
        try: found[name] = importlib.metadata.version({'PIL': 'pillow'}.get(name, name))
        except importlib.metadata.PackageNotFoundError: pass
    if device=='cuda':
        p = torch.cuda.get_device_properties(0)
        found |= dict(gpu=p.name, memory_MiB=p.total_memory//2**20, capability=f'{p.major}.{p.minor}', cuda=torch.version.cuda, cudnn=torch.backends.cudnn.version(),
                      driver=said_by('nvidia-smi', '--query-gpu=driver_version,clocks.sm,power.limit', '--format=csv,noheader'))
    return found


def save(found, path):
    "Write JSON whole or not at all."
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + '.new')
    new.write_text(json.dumps(found, indent=1) + '\n', encoding='utf-8')
    new.replace(path)


def options():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--out', default='check_device.json', help='the JSON file (default %(default)s)')
    p.add_argument('--cpu', action='store_true', help='the small parts that a CPU can run')
    p.add_argument('--seconds', type=float, default=whole, help='the most that the run may take (default %(default)s)')
    p.add_argument('--data', default='', help='folder with the four IDX files of Fashion-MNIST')
    p.add_argument('--only', default='', help=f'parts, separated by commas: {", ".join(parts)}')
    p.add_argument('--without', default='', help='packages to do without, separated by commas, as if they were not installed')
    p.add_argument('--part', default='', help=argparse.SUPPRESS)
    return p.parse_args()


def main():
    args = options()
    device = 'cpu' if args.cpu else 'cuda'
    if not args.cpu and not torch.cuda.is_available(): sys.exit('no CUDA device here: the parts that a CPU can run are those of --cpu')
    absent = prepare(filter(None, args.without.split(',')))
    if args.part: return save(run_part(args.part, Case(device, args.data, args.seconds)), args.out)
    names,end = args.only.split(',') if args.only else list(parts), time.monotonic() + args.seconds
    if unknown := set(names) - set(parts): sys.exit(f'no part is called {", ".join(unknown)}; there are {", ".join(parts)}')
    found = dict(about=about(device, absent), parts={})
    for name in names:
        seconds = min(parts[name][1], end - time.monotonic())
        if seconds < 15 and not args.cpu: done = dict(ok=False, seconds=0, result=None, error='no time was left')
        else: done = run_part(name, Case(device, args.data, seconds)) if args.cpu else in_process(name, args, seconds)
        found['parts'][name] = done
        save(found, args.out)  # what is known is kept, whatever comes
        print(f"{'ok     ' if done['ok'] else 'FAILED '} {name} ({done['seconds']:.1f} s)" + ('' if done['ok'] else f": {done['error']}"), flush=True)
    failed = sum(not o['ok'] for o in found['parts'].values())
    print(f'{len(names) - failed} passed, {failed} failed; wrote {args.out}')
    sys.exit(bool(failed))


if __name__ == '__main__': main()
