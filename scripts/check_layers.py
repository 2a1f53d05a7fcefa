"""Say where the package leaves its floors: which module knows of one that stands above it, loads more than it may, or breaks a promise.

    python scripts/check_layers.py

The order of the modules is in course.py. Looked for: imports from below only, by name, without private names, from packages that settings.ini
declares; hooks from one place; one page for each module, with its name; the names that code of the original course needs; functions of at most
40 lines; a core that loads PyTorch and nothing heavier, and says the types of all that is public; pages with more visible code than a reader
should have to read.
That each of these faults is noticed is tested by test_check_layers.py.
"""
import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import course
from course import Page

longest = 40  # lines of a function, from its decorators to its end
# What the core must not bring along: somebody's test suite pays for it at each start.
heavy = 'datasets pandas pyarrow matplotlib IPython tqdm PIL ipywidgets safetensors lightning transformers accelerate'.split()
core_roots = {'torch', 'fastcore.basics'}  # and the standard library
# The module that registers hooks of modules for all others.
hooker = 'trace'
# Packages that are imported under another name.
import_names = {'pillow': 'PIL', 'ipython': 'IPython'}
# Modules whose page is named after what it teaches.
other_names = {'stats': 'covariance'}
# Lines of visible code of a page.
limits = {'10_lsuv': 350, '14_diagnose': 350}

# What code written for the original course's package imports, and with which arguments it calls it. `...` is a default of any value.
stays = {
    'datasets': [
        'inplace', 'collate_dict', 'show_image', 'subplots', 'get_grid', 'show_images', 'DataLoaders(*dls)',
        'DataLoaders.from_dd(dd, batch_size, as_tuple=True, **kw)'],
    'conv': ['def_device', 'to_device', 'collate_device', 'conv(ni, nf, ks=3, stride=2, act=..., norm=None, bias=None)'],
    'learner': [
        'CancelFitException', 'CancelBatchException', 'CancelEpochException', 'Callback', 'run_cbs', 'SingleBatchCB', 'to_cpu',
        'MetricsCB(*ms, **metrics)', 'DeviceCB', 'TrainCB', 'ProgressCB(plot=False)', 'with_cbs',
        'Learner(model, dls=..., loss_func=..., lr=..., cbs=..., opt_func=...)', 'TrainLearner',
        'MomentumLearner(model, dls, loss_func, lr=..., cbs=..., opt_func=..., mom=0.85)', 'LRFinderCB(gamma=..., max_mult=...)',
        'Learner.lr_find(self, gamma=1.3, max_mult=3, start_lr=1e-5, max_epochs=10)'],
    'activations': [
        'set_seed', 'Hook', 'Hooks', 'HooksCallback', 'append_stats', 'get_hist', 'get_min', 'ActivationStats',
        'ActivationStats.color_dim', 'ActivationStats.dead_chart', 'ActivationStats.plot_stats', 'ActivationStats.__iter__',
        'ActivationStats.__len__'],
    'init': [
        'clean_ipython_hist', 'clean_tb', 'clean_mem', 'BatchTransformCB(tfm, on_train=True, on_val=True)',
        'GeneralRelu(leak=None, sub=None, maxv=None)', 'plot_func(f, start=-5., end=5., steps=100)', 'init_weights(m, leaky=0.)',
        'lsuv_init(model, m, m_in, xb)', 'conv', 'get_model(act=..., nfs=None, norm=None)'],
    'sgd': ['BaseSchedCB', 'BatchSchedCB', 'EpochSchedCB', 'HasLearnCB', 'RecorderCB'],
    'diagnose': ['diagnose(model, xb, yb=None, loss_func=None)', 'Report', 'Finding', 'Limits', 'assert_healthy'],
    'lsuv': ['lsuv_', 'LSUVCB'],
}


@dataclass
class House:
    "A package and the pages that it is made from."
    package: Path                                # Folder of the modules
    pages: Path                                  # Folder of the notebooks
    floors: list                                 # Names of the modules, the lowest first
    core: list                                   # Those that load nothing heavy
    declared: set                                # Names under which the declared requirements are imported
    optional: set = field(default_factory=set)   # The same of what is imported only inside of functions
    roots: set = field(default_factory=lambda: core_roots)
    preload: tuple = ('torch', 'fastcore.basics')  # What every module of the core may load, with all that this loads in turn
    heavy: list = field(default_factory=lambda: heavy)
    hooker: str = hooker
    limits: dict = field(default_factory=lambda: limits)
    stays: dict = field(default_factory=lambda: stays)

    @property
    def name(self): return self.package.name

    @cached_property
    def trees(self):
        "Syntax tree of each module."
        files = sorted(p for p in self.package.glob('*.py') if not p.stem.startswith('_'))
        return {p.stem: ast.parse(p.read_text(encoding='utf-8')) for p in files}

    @cached_property
    def notebooks(self): return [Page(p) for p in [*sorted(self.pages.glob('[0-9][0-9]_*.ipynb')), *sorted(self.pages.glob('internals/*.ipynb'))]]


def requirements(*kinds):
    "Names under which the packages in settings.ini are imported."
    found = [re.match(r'[\w-]+', o)[0] for k in kinds for o in course.cfg[k].split()]
    return {import_names.get(o, o) for o in found}


def ours():
    return House(course.root/course.cfg['lib_path'], course.nbs, course.floors, course.core, requirements('requirements'), requirements('course_requirements'))


def private(name): return name.startswith('_') and not re.fullmatch(r'__\w+__', name)


def imports(tree, package):
    "Node, module and names of each import; a module of the package is called `.name`, and names are `None` where the module itself is imported."
    for node in ast.walk(tree):
        if isinstance(node, ast.Import): found = [(o.name, None) for o in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = '.'*node.level + (node.module or '')
            if module in ('.', package): found = [(f'.{o.name}', None) for o in node.names]
            else: found = [(module, [o.name for o in node.names])]
        else: continue
        for module,names in found: yield node, re.sub(rf'^{package}\.', '.', module), names


def imported_modules(tree, package):
    "What a module calls other modules of the package: `{'learner', …}` after `from . import learner`."
    for node in ast.walk(tree):
        if isinstance(node, ast.Import): yield from (o.asname or o.name for o in node.names if o.name.startswith(f'{package}.'))
        elif isinstance(node, ast.ImportFrom) and ('.'*node.level + (node.module or '')) in ('.', package): yield from (o.asname or o.name for o in node.names)


def at_import(tree):
    "The imports that run when the module is imported: not those in functions, nor those for type checkers."
    todo,found = list(tree.body),[]
    while todo:
        o = todo.pop()
        if isinstance(o, (ast.FunctionDef, ast.AsyncFunctionDef)): continue
        if isinstance(o, ast.If) and 'TYPE_CHECKING' in ast.unparse(o.test): todo += o.orelse; continue
        if isinstance(o, (ast.Import, ast.ImportFrom)): found.append(o)
        todo += [c for c in ast.iter_child_nodes(o) if isinstance(c, (ast.stmt, ast.excepthandler))]
    return found


def check_imports(house):
    "Downwards, by name, nothing private."
    for m,tree in house.trees.items():
        if m not in house.floors: yield f'{m}: has no place among the floors in scripts/course.py'; continue
        below = house.floors[:house.floors.index(m)]
        for node,module,names in imports(tree, house.name):
            if not module.startswith('.'): continue
            other = module[1:].split('.')[0]
            where = f'{m}, line {node.lineno}'
            if other.startswith('__'): continue  # __version__
            if private(other): yield f'{where}: imports the private module {other}'; continue
            if other not in below: yield f'{where}: imports {other}, which does not stand below {m}'
            for name in names or ():
                if name=='*': yield f'{where}: imports * from {other}; name what is needed'
                elif private(name): yield f'{where}: imports the private name {name} of {other}'
    for m in house.floors:
        if m not in house.trees: yield f'{m}: is among the floors in scripts/course.py, and there is no such module'


def members(tree):
    "Private attributes that a module gives its objects: methods, patched ones too, fields, and what is set on an object."
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store): yield node.attr
        elif isinstance(node, ast.FunctionDef) and patched(node): yield node.name
        elif isinstance(node, ast.ClassDef):
            for o in node.body:
                if isinstance(o, ast.FunctionDef): yield o.name
                elif isinstance(o, (ast.Assign, ast.AnnAssign)): yield from (n.id for n in ast.walk(o) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def check_private(house):
    "No private attribute of another module, nor of what another module made."
    names = {m: {n for n in members(tree) if private(n)} for m,tree in house.trees.items()}
    for m,tree in house.trees.items():
        modules = set(imported_modules(tree, house.name))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or not private(node.attr): continue
            owner = ast.unparse(node.value)
            if owner in modules: yield f'{m}, line {node.lineno}: uses the private name {owner}.{node.attr}'
            elif node.attr not in names[m]:
                makers = [o for o in house.floors if o!=m and node.attr in names.get(o, ())]
                if makers: yield f'{m}, line {node.lineno}: uses {owner}.{node.attr}, a private name of {" or ".join(makers)}'


def check_hooks(house):
    "Hooks of modules come from one place, which knows how to put them where they disturb nobody."
    for m,tree in house.trees.items():
        for node in ast.walk(tree):
            hook = isinstance(node, ast.Attribute) and re.fullmatch(r'register_(module_)?(forward|full_backward|backward)_(pre_)?hook', node.attr)
            if hook and m != house.hooker: yield f'{m}, line {node.lineno}: uses {node.attr}; {house.hooker} has what registers hooks'


def check_requirements(house):
    "What is imported is declared; the core loads PyTorch alone."
    for m,tree in house.trees.items():
        first = at_import(tree)
        for node,module,_ in imports(tree, house.name):
            root = module.split('.')[0]
            where = f'{m}, line {node.lineno}'
            if module.startswith('.') or root in sys.stdlib_module_names: continue
            always = node in first
            # What is optional is imported in a function; a try around it says what happens without it.
            allowed = root in house.declared or not always and (root in house.optional or guarded(tree, node))
            if not allowed: yield f'{where}: imports {root}, which settings.ini does not declare'
            if always and m in house.core and not any(module==o or module.startswith(f'{o}.') for o in house.roots):
                yield f'{where}: a module of the core imports {module} when it is loaded'


def guarded(tree, node):
    "Does the import stand in a `try`?"
    return any(node in ast.walk(o) for o in ast.walk(tree) if isinstance(o, ast.Try))


def functions(tree, inside=''):
    "Qualified name and node of each function and method, nested ones too."
    for node in ast.iter_child_nodes(tree):
        name = f'{inside}{node.name}' if hasattr(node, 'name') else inside
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)): yield name, node
        yield from functions(node, f'{name}.' if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else inside)


def patched(node):
    "Class to which fastcore's `patch` adds a function; `None` if it adds it to none."
    if not any(ast.unparse(o).split('(')[0]=='patch' for o in node.decorator_list): return None
    first = node.args.args[0].annotation if node.args.args else None
    return ast.unparse(first).strip('\'"') if first else None


def check_functions(house):
    "Short enough to hold in the head, and none hides another of the same name."
    for m,tree in house.trees.items():
        for name,node in functions(tree):
            n = node.end_lineno - min([node.lineno] + [o.lineno for o in node.decorator_list]) + 1
            if n > longest: yield f'{m}, line {node.lineno}: {name} has {n} lines, at most {longest} are allowed'
        seen = {}
        for node in tree.body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)): continue
            key = (patched(node) if isinstance(node, ast.FunctionDef) else None, node.name)
            if key in seen and not overload(node): yield f'{m}, line {node.lineno}: {node.name} is defined a second time, first in line {seen[key]}'
            seen[key] = node.lineno


def overload(node): return any(ast.unparse(o).rsplit('.', 1)[-1] in ('overload', 'setter', 'register') for o in node.decorator_list)


def public_functions(tree):
    "Name and node of each public function and method of a module; of the special methods those that are called with arguments of one's own."
    def visible(name): return not name.startswith('_') or name in ('__init__', '__call__')
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and visible(node.name):
            cls = patched(node)
            if not cls: yield node.name, node, False
            elif visible(cls): yield f'{cls}.{node.name}', node, True
        elif isinstance(node, ast.ClassDef) and visible(node.name):
            for o in node.body:
                static = isinstance(o, ast.FunctionDef) and any(ast.unparse(d)=='staticmethod' for d in o.decorator_list)
                if isinstance(o, ast.FunctionDef) and visible(o.name): yield f'{node.name}.{o.name}', o, not static


def check_types(house):
    "All that is public in the core says its types."
    for m in house.core:
        for name,node,method in public_functions(house.trees[m]) if m in house.trees else ():
            args = [*node.args.posonlyargs, *node.args.args][method:]
            args += [*node.args.kwonlyargs, *(o for o in (node.args.vararg, node.args.kwarg) if o)]
            missing = [o.arg for o in args if o.annotation is None]
            if node.returns is None and node.name!='__init__': missing.append('what it returns')
            if missing: yield f'{m}, line {node.lineno}: {name} does not say the type of {", ".join(missing)}'


def check_pages(house):
    "A module is exported from one page, which has its name."
    found = {}
    for p in house.notebooks:
        if p.module: found.setdefault(p.module, []).append(p)
    for m in house.floors:
        here = found.get(m, [])
        if len(here) != 1: yield f'{m}: is exported from {len(here)} pages, expected one'
    for m,here in found.items():
        if m not in house.floors: yield f'{m}: has a page, and no place among the floors in scripts/course.py'
        for p in here:
            if p.topic != other_names.get(m, m): yield f'{m}: is exported from a page of another name, {p.path.name}'


def hidden(cell): return cell.id=='frame-install' or re.search(r'^#\|\s*(hide\b|include:\s*false)', cell.source, re.M)


def visible_lines(page):
    "Lines of code that a reader of the page sees, without empty ones and directives of nbdev. A comment counts: it is there to be read."
    lines = [o.strip() for c in page.nb.cells if c.cell_type=='code' and not hidden(c) for o in c.source.splitlines()]
    return sum(bool(o) and not o.startswith('#|') for o in lines)


def check_visible(house):
    for p in house.notebooks:
        limit,n = house.limits.get(p.path.stem),visible_lines(p)
        if limit and n > limit: yield f'{p.path.stem}: {n} visible lines of code, at most {limit} are allowed'


def check_fresh(house):
    "What a module of the core loads beyond PyTorch (which loads tqdm itself, where it is installed), each in a fresh process."
    def look(m):
        code = (f'import sys, {", ".join(house.preload)}; before = set(sys.modules); import {house.name}.{m}; '
                f'print(*sorted(set({house.heavy!r}) & (set(sys.modules) - before)))')
        env = os.environ | {'PYTHONPATH': str(house.package.parent)}
        got = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, env=env, cwd=house.package.parent)
        if got.returncode: return f'{m}: cannot be imported: {got.stderr.strip().splitlines()[-1]}'
        if got.stdout.strip(): return f'{m}: import {house.name}.{m} loads {", ".join(got.stdout.split())}'
    with ThreadPoolExecutor(2) as pool: yield from filter(None, pool.map(look, [m for m in house.core if m in house.trees]))


def same_arguments(obj, call):
    "Does `obj` accept what the call says, in that order and with those defaults? What is wrong, or `None`."
    got = inspect.signature(obj).parameters
    kinds = {p.kind for p in got.values()}
    if any(isinstance(o, ast.Starred) for o in call.args) and inspect.Parameter.VAR_POSITIONAL not in kinds: return 'takes no *args'
    wanted = [(o.id, None) for o in call.args if isinstance(o, ast.Name)]
    wanted += [(k.arg, ast.literal_eval(k.value)) for k in call.keywords if k.arg]
    if any(k.arg is None for k in call.keywords) and inspect.Parameter.VAR_KEYWORD not in kinds: return 'takes no **kwargs'
    names = [n for n,p in got.items() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if names[:len(wanted)] != [n for n,_ in wanted]: return f'has the arguments {", ".join(names)}, expected {", ".join(n for n,_ in wanted)} first'
    required = {o.id for o in call.args if isinstance(o, ast.Name)}
    for n,p in got.items():
        needs = p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        if needs and n not in required: return f'needs a value of {n}'
    for n,default in wanted:
        if n not in required and default is not ... and got[n].default != default: return f'has {got[n].default!r} as default of {n}, expected {default!r}'


def check_names(house):
    "Code of the original course finds its names where it looks for them, `import *` included."
    if str(house.package.parent) not in sys.path: sys.path.insert(0, str(house.package.parent))
    for m,names in house.stays.items():
        if m not in house.trees: yield f'{m}: is gone, and code of the original course imports it'; continue
        try: mod = importlib.import_module(f'{house.name}.{m}')
        except Exception as e: yield f'{m}: cannot be imported: {e!r}'; continue
        for text in names:
            node = ast.parse(text, mode='eval').body
            name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
            obj = mod
            for part in name.split('.'): obj = getattr(obj, part, None)
            if obj is None: yield f'{m}: has no {name}, which code of the original course uses'
            elif name.split('.')[0] not in mod.__all__: yield f'{m}: from {house.name}.{m} import * does not bring {name.split(".")[0]}: put it into _all_'
            elif isinstance(node, ast.Call) and (wrong := same_arguments(obj, node)): yield f'{m}: {name} {wrong}'


checks = check_imports, check_private, check_hooks, check_requirements, check_functions, check_types, check_pages, check_visible, check_fresh, check_names


def table(house):
    "Visible lines of code of each page."
    for p in house.notebooks:
        limit = house.limits.get(p.path.stem)
        yield f'{visible_lines(p):6,}  {p.path.relative_to(house.pages).with_suffix("")}' + (f' (limit {limit})' if limit else '')


def main():
    house = ours()
    wrong = [o for check in checks for o in check(house)]
    print('visible lines of code:', *table(house), sep='\n')
    print('\n'.join(wrong))
    print(f'{len(house.trees)} modules, {len(house.notebooks)} pages: {len(wrong)} things wrong')
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
