"""Try the installed package with the versions that are here: every module, and one of each thing that it does. Needs neither nbdev nor a notebook.

    python scripts/check_versions.py [--lowest] [--quick]

It is for combinations in which the pages are not run: the lowest versions that settings.ini allows (`--lowest` says which package is newer than
that), fastcore 2, a new Python. Nothing is downloaded. `--quick` leaves out the worker processes and the commands.
"""
import argparse
import importlib
import importlib.util
import io
import multiprocessing as mp
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from configparser import ConfigParser
from contextlib import redirect_stdout
from functools import partial
from importlib.metadata import version
from pathlib import Path

root = Path(__file__).resolve().parent.parent
parser = ConfigParser(delimiters=['='])
parser.read(root/'settings.ini', encoding='utf-8')
cfg = parser['DEFAULT']
package = cfg['lib_path']
def with_bound(words): return dict(m.groups() for o in words.split() if (m := re.fullmatch(r'([\w-]+)>=([\d.]+).*', o)))


bounds,of_extras = with_bound(cfg['requirements']),with_bound(cfg['course_requirements'])
os.environ.setdefault('MPLBACKEND', 'Agg')
os.environ.setdefault('HF_HUB_OFFLINE', '1')


def lowest():
    "What stands in constraints-lowest.txt, and must be the lower bounds of settings.ini, as far as they are written out."
    lines = (root/'constraints-lowest.txt').read_text(encoding='utf-8').splitlines()
    return dict(o.split('==') for o in lines if '==' in o and not o.startswith('#'))


def same(a, b):
    "2.5 is 2.5.0, and 2.5.0+cpu as well."
    a,b = ([int(n) for n in re.findall(r'\d+', o.split('+')[0])] for o in (a, b))
    n = max(len(a), len(b))
    return a + [0]*(n - len(a)) == b + [0]*(n - len(b))


def check_bounds(installed):
    "Every requirement has a bound, and every bound its line in constraints-lowest.txt; with `--lowest`, that is what is installed."
    low,every = lowest(),bounds | of_extras
    assert len(bounds)==len(cfg['requirements'].split()), 'settings.ini: not every requirement has a lower bound, NAME>=VERSION'
    assert set(every) <= set(low), f'constraints-lowest.txt does not name {sorted(set(every) - set(low))}'
    for name,bound in every.items():
        assert same(low[name], bound), f'{name}: settings.ini says >={bound}, constraints-lowest.txt {low[name]}'
        if installed and importlib.util.find_spec({'pillow': 'PIL', 'ipython': 'IPython'}.get(name, name)): assert same(version(name), bound), f'{name}: {version(name)} is installed, the lowest version is {bound}'


def check_workflows():
    "A job runs each combination of which the package says that it works, and the docs wait for the tests."
    tests,docs = ((root/f'.github/workflows/{o}.yaml').read_text(encoding='utf-8') for o in ('test', 'docs'))
    for what in ('-c constraints-lowest.txt ".[course]"', '--lowest', 'fastcore>=2', "python: '3.14'", f"'{cfg['min_python']}'"):
        assert what in tests, f'test.yaml has no job with {what}'
    name = re.search(r'^name: (.+)$', tests, re.M)[1]
    assert re.search(rf'^on:\n  workflow_run:\n    workflows: \[{name}\]', docs, re.M) and "conclusion == 'success'" in docs, 'docs.yaml does not wait for the tests'


def check_imports():
    "Every module can be imported, and each name in `__all__` is there."
    mod = importlib.import_module(package)
    names = sorted(p.stem for p in Path(mod.__file__).parent.glob('*.py') if not p.stem.startswith('_'))
    assert names, f'no modules beside {mod.__file__}'
    for name in names:
        m = importlib.import_module(f'{package}.{name}')
        missing = [o for o in m.__all__ if not hasattr(m, o)]
        assert not missing, f'{name} has no {missing}'


def small_net():
    from torch import nn
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))


def check_diagnose():
    "A report in each of its forms, a fix, LSUV."
    import torch
    from torch import nn
    from miniai.diagnose import assert_healthy, diagnose
    from miniai.lsuv import lsuv_
    torch.manual_seed(0)
    model = nn.Sequential(*[m for _ in range(14) for m in (nn.Linear(50, 50), nn.ReLU())], nn.Linear(50, 10))
    xb,yb = torch.randn(128, 50), torch.arange(128) % 10
    report = diagnose(model, xb, yb)
    assert {'wrong gain', 'signal vanishing'} <= set(report.kinds), report.kinds
    assert 'layer' in str(report) and '<table' in report._repr_html_() and len(report.df()) and report.to_json()
    report.plot()
    assert not diagnose(model, xb, yb, fix='auto').at_least('warning')
    assert_healthy(model, xb, yb)
    assert 'std' in str(lsuv_(small_net(), torch.randn(64, 1, 28, 28)))


def check_learner():
    "Data, the loop with all that reports, the learning-rate finder, a schedule, statistics and their pictures, memory."
    import torch
    import torch.nn.functional as F
    from torch import optim
    from miniai.activations import ActivationStats
    from miniai.datasets import DataLoaders, fashion_mnist, show_images
    from miniai.init import clean_mem
    from miniai.learner import Accuracy, DeviceCB, MetricsCB, ProgressCB, TrainLearner
    from miniai.sgd import OneCycleCB
    torch.manual_seed(0)
    dls = DataLoaders.in_memory(fashion_mnist(sample=True), batch_size=128)
    metrics,stats = MetricsCB(accuracy=Accuracy()), ActivationStats()
    opt_func = partial(optim.SGD, momentum=0.9)
    learn = TrainLearner(small_net(), dls, F.cross_entropy, lr=0.1, cbs=[DeviceCB('cpu'), metrics, ProgressCB(plot=True)], opt_func=opt_func)
    learn.fit(2, cbs=[stats, OneCycleCB(0.1)])
    assert metrics.history[-1]['accuracy'] > 0.7, metrics.history[-1]
    learn.lr_find(max_epochs=1)
    stats.color_dim(); stats.dead_chart(); stats.plot_stats()
    show_images(next(iter(dls.valid))[0][:4])
    clean_mem()


def _to_images(b):
    from miniai.datasets import to_tensor
    b['image'] = [to_tensor(o) for o in b['image']]


def check_workers(method):
    "Batches from worker processes, however those are started: 'fork' is Linux's habit until Python 3.13, 'forkserver' since, 'spawn' elsewhere."
    from miniai.datasets import DataLoaders, fashion_mnist, inplace
    dd = fashion_mnist(sample=True).with_transform(inplace(_to_images))
    for as_tuple in (True, False) if method==mp.get_all_start_methods()[0] else (True,):
        dls = DataLoaders.from_dd(dd, 512, as_tuple=as_tuple, num_workers=1, multiprocessing_context=method)
        batch = next(iter(dls.valid))
        xb,yb = batch if as_tuple else batch.values()
        assert xb.shape==(1000, 1, 28, 28) and yb.shape==(1000,), (xb.shape, yb.shape)


def check_lightning():
    "The callback for Lightning."
    import lightning.pytorch as pl
    import torch
    import torch.nn.functional as F
    from miniai.integrations import lightning_callback
    class Lit(pl.LightningModule):
        def __init__(self): super().__init__(); self.net = small_net()
        def training_step(self, batch, batch_idx): return F.cross_entropy(self.net(batch[0]), batch[1])
        def configure_optimizers(self): return torch.optim.SGD(self.parameters(), 0.1)
    data = torch.utils.data.TensorDataset(torch.randn(64, 1, 28, 28), torch.arange(64) % 10)
    quiet = dict(logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
    pl.Trainer(max_steps=2, callbacks=[cb := lightning_callback()], accelerator='cpu', **quiet).fit(Lit(), torch.utils.data.DataLoader(data, 32))
    assert len(cb.report.df()) and cb.report.ok, cb.report


def check_transformers():
    "The callback for the Trainer of Hugging Face, which needs accelerate."
    import torch
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
    from miniai.integrations import hf_callback
    bert = BertForSequenceClassification(BertConfig(vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
                                                    max_position_embeddings=16, num_labels=4))
    data = [{'input_ids': torch.randint(0, 50, (12,)), 'labels': i % 4} for i in range(32)]
    with tempfile.TemporaryDirectory() as out:
        args = TrainingArguments(out, max_steps=2, per_device_train_batch_size=16, report_to=[], disable_tqdm=True, use_cpu=True, save_strategy='no', logging_strategy='no')
        Trainer(bert, args, train_dataset=data, callbacks=[cb := hf_callback()]).train()
    assert len(cb.report.df()), cb.report


def check_commands():
    "Both commands, as a shell starts them."
    with tempfile.TemporaryDirectory() as tmp:
        (Path(tmp)/'small.py').write_text('import torch\ndef small(): return torch.nn.Linear(8, 4), torch.randn(256, 8)\n')
        for words in (['miniai_train', '--sample', '--epochs', '1', '--out', 'out'], ['miniai_diagnose', 'small.py:small']):
            words[0] = str(Path(sys.executable).parent/words[0])
            got = subprocess.run(words, cwd=tmp, capture_output=True, text=True, timeout=300)
            assert got.returncode==0, f'{words[0]} exits {got.returncode}: {got.stderr[-2000:]}'


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--lowest', action='store_true', help='what is installed must be the lowest versions')
    p.add_argument('--quick', action='store_true', help='no worker processes, no commands')
    args = p.parse_args()
    here = [*bounds, *(o for o in of_extras if importlib.util.find_spec(o))]
    print(f'Python {platform.python_version()},', ', '.join(f'{o} {version(o)}' for o in here))
    todo = [('bounds', partial(check_bounds, args.lowest)), ('workflows', check_workflows), ('imports', check_imports), ('diagnose', check_diagnose), ('learner', check_learner)]
    todo += [(o, globals()[f'check_{o}']) for o in ('lightning', 'transformers') if importlib.util.find_spec(o)]
    if not args.quick:
        todo += [(f'workers, {m}', partial(check_workers, m)) for m in mp.get_all_start_methods()] + [('commands', check_commands)]
    failed = 0
    for name,f in todo:
        start,said = time.perf_counter(),io.StringIO()
        try:
            with redirect_stdout(said), warnings.catch_warnings(): f()
        except BaseException as e:
            failed += 1
            print(f'FAILED  {name} ({time.perf_counter() - start:.0f} s): {e!r}\n{traceback.format_exc()}')
            if isinstance(e, KeyboardInterrupt): break
        else: print(f'ok      {name} ({time.perf_counter() - start:.0f} s)')
    print(f'{len(todo) - failed} passed, {failed} failed')
    sys.exit(bool(failed))


if __name__ == '__main__': main()
