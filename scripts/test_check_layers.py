"""Test check_layers.py: plant one fault at a time in a small package, and look whether that is said, and nothing else.

    python scripts/test_check_layers.py
"""
import json
import sys
import tempfile
from pathlib import Path

from check_layers import House, checks, longest

# `light` stands for PyTorch, which brings `chatty` along; `bulky` is what the core must not load.
package = {
    'low': """
from light import shine
_own = 1
class Lamp:
    _count = 0
    def __init__(self, watts:int=1): self._watts = watts
    def _dim(self): pass
    def on(self)->int: return self._watts + _own
def plain(x:int)->int: return x
""",
    'mid': """
from typing import TYPE_CHECKING
from light import patch
from .low import Lamp, plain
if TYPE_CHECKING: import bulky
__all__ = ['f', 'K', 'plain']
_lamps = {}
def f(a:int, b:int=1, *, c:int=2)->int: return plain(a) + b
def draw()->None: import bulky
class K:
    def m(self, n:int)->int: return n
@patch
def again(self:K)->None: pass
@patch
def again(self:Lamp)->None: pass
@patch
def _dim(self:K): pass
""",
    'high': """
from functools import partial
import bulky
from . import __version__
from .mid import K, f
def look(x:int)->int:
    import extra
    try: import luxury
    except ImportError: pass
    return f(x)
""",
}
pages = {'01_mid': 'mid', '02_talk': None, 'internals/low': 'low', 'internals/high': 'high'}
stays = {'mid': ['f(a, b=1)', 'K.m(self, n)', 'plain']}


def page(module, lines=3, top='', text='', hidden=''):
    "A notebook that exports the module, with a few visible lines, and more that nobody sees."
    cells = [f'#| default_exp {module}'] if module else []
    cells += [top + '\n\n'.join(['x = 1'] * lines), '#| hide\n' + 'y = 1\n'*9 + hidden, '#| include: false\n' + 'y = 1\n'*9]
    cells = [dict(cell_type='code', id=f'c{i}', metadata={}, source=o, execution_count=None, outputs=[]) for i,o in enumerate(cells)]
    cells.insert(0, dict(cell_type='markdown', id='text', metadata={}, source=text))
    return json.dumps(dict(cells=cells, metadata={}, nbformat=4, nbformat_minor=5))


def build(folder, i):
    "The small package, without a fault."
    name = f'toy{i}'
    files = {'light.py': 'import chatty\nshine = patch = lambda f: f', 'chatty.py': '', 'bulky.py': '', f'{name}/__init__.py': "__version__ = '1'"}
    files |= {f'{name}/{m}.py': text for m,text in package.items()}
    files |= {f'nbs/{p}.ipynb': page(m) for p,m in pages.items()}
    for file,text in files.items():
        (folder/file).parent.mkdir(parents=True, exist_ok=True)
        (folder/file).write_text(text)
    return House(folder/name, folder/'nbs', floors=list(package), core=['low', 'mid'], declared={'light', 'bulky'}, optional={'extra'}, roots={'light'},
                 preload=('light',), heavy=['bulky', 'chatty'], hooker='low', limits={'02_talk': 3}, stays=dict(stays), most_names=4)


def add(module, text): return lambda h: (h.package/f'{module}.py').open('a').write(text + '\n')


def change(module, old, new):
    def plant(h):
        file = h.package/f'{module}.py'
        assert old in file.read_text(), old
        file.write_text(file.read_text().replace(old, new))
    return plant


def write(name, *args, **kw):
    def plant(h):
        named = {k: v.replace('{name}', h.name) if isinstance(v, str) else v for k,v in kw.items()}
        (h.pages/f'{name}.ipynb').parent.mkdir(exist_ok=True)
        (h.pages/f'{name}.ipynb').write_text(page(*args, **named))
    return plant


def both(*plants):
    def plant(h):
        for p in plants: p(h)
    return plant


def public(*names): return change('mid', "'plain']", f"'plain', {', '.join(map(repr, names))}]")


def members(text):
    "A public class more, for which a reader has a use."
    return both(add('mid', text), public('Q'), lambda h: h.stays.update(mid=[*stays['mid'], 'Q']))


def function(n, top=''): return f'{top}def long(x:int)->int:\n' + '    x += 1\n'*(n - 2 - top.count('\n')) + '    return x'


# What is planted, and what must be said, line by line.
faults = [
    # imports
    (add('low', 'if 0:\n    from .high import look'), 'low, line 11: imports high, which does not stand below low'),
    (add('low', 'def g()->None: from .mid import f'), 'imports mid, which does not stand below low'),
    (add('low', 'def g()->None: from {name}.mid import f'), 'imports mid, which does not stand below low'),
    (add('high', 'from . import low'),),
    (add('high', 'from .low import *'), 'imports * from low'),
    (add('mid', 'from .low import _own'), 'imports the private name _own of low'),
    (add('high', 'from ._modidx import d'), 'imports the private module _modidx'),
    (add('high', 'from . import low\nlow._own'), 'uses the private name low._own'),
    (add('high', 'from . import low as l\nl._own'), 'uses the private name l._own'),
    (add('high', 'import {name}.low\n{name}.low._own'), 'uses the private name {name}.low._own'),
    (add('high', 'from .low import Lamp\nLamp()._watts'), 'uses Lamp()._watts, a private name of low'),
    (add('high', 'class Big:\n    def __init__(self): self._watts = 1\nBig()._watts'),),
    (add('high', 'from .low import Lamp\nclass Big(Lamp):\n    def on(self)->int: return self._watts'), 'uses self._watts, a private name of low'),
    (add('high', 'def g(x:K)->K: return x._buffers'),),
    (add('high', 'def g(x:K)->K: return x._own'),),
    (add('high', 'def g(x:K)->K: return x._count'), 'uses x._count, a private name of low'),
    (add('high', 'def g(x:K)->K: return x._dim()'), 'uses x._dim, a private name of low or mid'),
    (lambda h: (h.package/'attic.py').write_text(''), 'attic: has no place among the floors'),
    (lambda h: h.floors.append('cellar'), 'cellar: is among the floors', 'cellar: is exported from 0 pages'),
    (add('mid', '1/0'), 'mid: cannot be imported', 'mid: cannot be imported'),
    # hooks
    (add('mid', 'def g(m:K)->None: m.register_forward_hook(1)'), 'uses register_forward_hook; low has what registers hooks'),
    (add('mid', 'def g(m:K)->None: m.register_full_backward_pre_hook(1)'), 'uses register_full_backward_pre_hook'),
    (add('low', 'def g(m:Lamp)->None: m.register_forward_pre_hook(1)'),),
    # requirements
    (add('high', 'import unheard_of'), 'imports unheard_of, which settings.ini does not declare'),
    (add('high', 'def g()->None: import unheard_of'), 'imports unheard_of, which settings.ini does not declare'),
    (add('high', 'import extra'), 'imports extra, which settings.ini does not declare'),
    (add('high', 'def g()->None:\n    try: import luxury\n    except ImportError: import poverty'),),
    (add('low', 'if 1: import bulky'), 'a module of the core imports bulky when it is loaded', 'import {name}.low loads bulky', 'import {name}.mid loads bulky'),
    (add('low', "__import__('bulky')"), 'import {name}.low loads bulky', 'import {name}.mid loads bulky'),
    (add('low', 'import chatty'), 'imports chatty, which settings.ini does not declare', 'a module of the core imports chatty'),
    # functions
    (add('low', function(longest)),),
    (add('low', function(longest + 1)), f'low, line 10: long has {longest + 1} lines'),
    (add('low', 'from light import patch\n' + function(longest + 1, '@patch\n')), f'long has {longest + 1} lines'),
    (add('high', 'class Big:\n    def a(self)->None:\n        def b():\n' + '            1\n'*longest), f'Big.a has {longest + 2} lines', f'Big.a.b has {longest + 1} lines'),
    (add('high', 'def look(y:int)->None: pass'), 'look is defined a second time, first in line 6'),
    (add('mid', '@patch\ndef again(self:K)->None: pass'), 'again is defined a second time, first in line 13'),
    # types
    (add('low', 'def g(x)->None: pass'), 'g does not say the type of x'),
    (add('low', 'def g(x:int): pass'), 'g does not say the type of what it returns'),
    (add('low', 'def g(*a, **k)->None: pass'), 'g does not say the type of a, k'),
    (add('low', 'def g(*, k)->None: pass'), 'g does not say the type of k'),
    (add('low', 'def _g(x): pass'),),
    (change('low', 'watts:int=1', 'watts=1'), 'Lamp.__init__ does not say the type of watts'),
    (change('low', 'def on(self)->int:', 'def on(self):'), 'Lamp.on does not say the type of what it returns'),
    (change('mid', 'again(self:K)->None', 'again(self:K)'), 'K.again does not say the type of what it returns'),
    (add('low', 'class Box:\n    @staticmethod\n    def g(x)->None: pass'), 'Box.g does not say the type of x'),
    (add('high', 'def g(x)->int: return x'), 'g does not say the type of x'),
    (add('high', 'class Big:\n    def before_fit(self, learn): pass\n    def predict(self, learn): pass'), 'Big.predict does not say the type of learn, what it returns'),
    # public names
    (public('draw'), 'mid: no reader is shown a use of draw: #| exporti'),
    (public('draw', 'again'), '5 public names, at most 4 are allowed', 'no reader is shown a use of draw, again'),
    (both(public('draw'), write('03_use', None, top='from {name}.mid import draw\ndraw()\n')),),
    (both(public('draw'), write('03_use', None, top='from {name}.mid import *\ndraw()\n')),),
    (both(public('draw'), write('solutions/03_use', None, top='from {name}.mid import *\n%time draw()\n[draw]\n')),),
    (both(public('draw'), write('index', None, top='from {name}.mid import *\nf(draw)\n')),),
    (both(public('draw'), write('01_mid', 'mid', top='draw()\n')),),
    (both(public('draw'), write('01_mid', 'mid', top='draw = 1\ndraw\n')), 'no reader is shown a use of draw'),
    (both(public('draw'), write('01_mid', 'mid', top='#| export\ndraw()\n')), 'no reader is shown a use of draw'),
    (both(public('lampshade'), write('01_mid', 'mid', text='Or `lampshade()`.')), 'no reader is shown a use of lampshade'),
    (both(public('draw'), write('internals/low', 'low', top='from {name}.mid import *\ndraw()\n')), 'no reader is shown a use of draw'),
    (both(public('draw'), write('03_use', None, top='from {name}.mid import *\n', hidden='draw()')), 'no reader is shown a use of draw'),
    (both(public('draw'), write('03_use', None, top='from {name}.mid import *\ndraw = 1\ndraw\n')), 'no reader is shown a use of draw'),
    (both(public('draw'), write('03_use', None, top='from {name}.mid import *\nf(draw=1).draw\n')), 'no reader is shown a use of draw'),
    (both(public('draw'), write('03_use', None, top='draw()\n')), 'no reader is shown a use of draw'),
    (both(public('draw', 'lampshade'), write('03_use', None, text='Or `lampshade()`.')), '5 public names', 'no reader is shown a use of draw:'),
    (both(public('lampshade'), write('03_use', None, text='Or `x.lampshade`, `f(lampshade=1)`, `lampshade`, or lampshade.')), 'no reader is shown a use of lampshade'),
    (both(public('lampshade'), write('03_use', None, text='```python\nlampshade()\n```')),),
    (both(public('draw'), add('high', "fix = 'from {name}.mid import f, draw; draw()'")),),
    (both(public('draw'), lambda h: h.commands.add('mid.draw')),),
    # members
    (members('class Q:\n    m = 1'), 'mid, line 11: K.m is a method, and Q.m (mid, line 19) an attribute'),
    (members('class Q:\n    def __init__(self)->None: self.m = 1'), 'K.m is a method, and Q.m'),
    (members('class Q:\n    @property\n    def m(self)->int: return 1'), 'K.m is a method, and Q.m'),
    (members('class Q:\n    def __init__(self)->None: self.again = 1'), 'K.again is a method, and Q.again'),
    (members('class Q:\n    def m(self)->int: return 1'),),
    (members('class Q:\n    def __init__(self, o:int)->None: self._m = o.m'),),
    (members('class Q:\n    def on_start(self)->None: self.after_fit = 1\n    def after_fit(self)->None: self.on_start = 1'),),
    (add('mid', 'class Q:\n    m = 1'),),
    # state
    (add('low', 'seen = []\ndef g()->None: seen.append(1)'), 'low, line 11: changes seen, which all users of low share'),
    (add('low', 'seen:list = list()\ndef g()->int: return len(seen)\ndef h()->None: seen[:] = [1]'), 'changes seen, which all users of low share'),
    (add('low', 'seen = {}\ndef g(k:int)->int:\n    if k not in seen: seen[k] = k\n    return seen[k]'),),
    (add('low', 'seen = {}\ndef g(k:int)->int: seen[k] = k\ndef h()->int: return len(seen)'), 'changes seen'),
    (both(add('low', 'seen = set()'), add('high', 'from .low import seen\ndef g()->None: seen.add(1)')), 'changes seen, which all users of low share'),
    (add('low', 'seen = []\ndef g()->None:\n    seen = []\n    seen.append(1)'),),
    (add('low', 'seen = []\nseen.append(1)'),),
    (add('low', 'n = 0\ndef g()->None:\n    global n\n    n = 1'), 'changes n, which all users of low share'),
    (add('high', 'import warnings\nwarnings.filterwarnings("ignore")'), 'calls warnings.filterwarnings when it is imported'),
    (add('high', 'from warnings import simplefilter\nif 1: simplefilter("ignore")'), 'calls simplefilter when it is imported'),
    (add('high', 'import warnings\nwith warnings.catch_warnings(): warnings.simplefilter("ignore")\ndef g()->None: warnings.simplefilter("ignore")'),),
    # pages
    (lambda h: (h.pages/'internals/high.ipynb').unlink(), 'high: is exported from 0 pages'),
    (write('02_talk', 'high', 2), 'high: is exported from 2 pages', 'high: is exported from a page of another name'),
    (write('internals/high', None), 'high: is exported from 0 pages'),
    (lambda h: (h.pages/'01_mid.ipynb').rename(h.pages/'01_other.ipynb'), 'mid: is exported from a page of another name'),
    (write('internals/attic', 'attic'), 'attic: has a page, and no place'),
    (write('02_talk', None, 4), '02_talk: 4 visible lines of code, at most 3 are allowed'),
    (write('02_talk', None, 3, '# a comment\n'), '02_talk: 4 visible lines of code'),
    (write('02_talk', None, 3, '#| export\n\n'),),
    # names
    (lambda h: h.stays.update(mid=[*stays['mid'], 'gone']), 'has no gone'),
    (lambda h: h.stays.update(mid=[*stays['mid'], 'K.gone']), 'has no K.gone'),
    (change('mid', ", 'plain']", ']'), 'does not bring plain'),
    (lambda h: h.stays.update(attic=['f']), 'attic: is gone'),
    (change('mid', 'a:int, b:int=1', 'b:int, a:int=1'), 'f has the arguments b, a, expected a, b first'),
    (change('mid', 'b:int=1', 'b:int=2'), 'f has 2 as default of b, expected 1'),
    (change('mid', '*, c:int=2', '*, c:int'), 'f needs a value of c'),
    (lambda h: h.stays.update(mid=[*stays['mid'], 'f(*a)']), 'f takes no *args'),
    (lambda h: h.stays.update(mid=[*stays['mid'], 'f(a, **k)']), 'f takes no **kwargs'),
    (lambda h: h.stays.update(mid=[*stays['mid'], 'f(a, b=...)']),),
]


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as tmp:
        for i,(plant,*expected) in enumerate([(lambda h: None,), *faults]):
            house = build(Path(tmp)/str(i), i)
            plant(house)
            for file in house.package.glob('*.py'): file.write_text(file.read_text().replace('{name}', house.name))
            said = [o for check in checks for o in check(house)]
            expected = [o.replace('{name}', house.name) for o in expected]
            if len(said) != len(expected) or not all(o in m for o,m in zip(expected, said)): wrong.append(f'{i}: expected {expected}, got {said}')
    print('\n'.join(wrong))
    print(f'{len(faults)} faults planted, {len(wrong)} things wrong')
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
