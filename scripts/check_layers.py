"""Say where the package leaves its floors: which module knows of one that stands above it, loads more than it may, or breaks a promise.

    python scripts/check_layers.py

The order of the modules is in course.py. Looked for: imports from below only, by name, without private names, from packages that settings.ini
declares; hooks from one place; one page for each module, with its name; the names that code of the original course needs; functions of at most
40 lines; a core that loads PyTorch and nothing heavier; types of all that is public; few public names, each of which a reader has a use for; one
meaning for each member; nothing that two users of one process share; pages with more visible code than a reader should have to read.
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
from course import Page, pages

longest = 40  # lines of a function, from its decorators to its end
most_names = 110  # public names of the whole package
# What the core must not bring along: somebody's test suite pays for it at each start.
heavy = 'datasets pandas pyarrow matplotlib IPython tqdm PIL ipywidgets safetensors lightning transformers accelerate'.split()
core_roots = {'torch', 'fastcore.basics'}  # and the standard library
# The module that registers hooks of modules for all others.
hooker = 'trace'
# Packages that are imported under another name.
import_names = {'pillow': 'PIL', 'ipython': 'IPython'}
# Methods of callbacks that our Learner, Lightning and the Hugging Face Trainer call, each by its own name.
events = r'(before|after|cleanup|on)_'
learner_events = r'(before|after|cleanup)_(fit|epoch|batch)|after_(predict|loss|backward|step)'
# What changes a container, and what sets something for the whole process.
changers = set('add append appendleft clear discard extend insert pop popitem popleft remove reverse setdefault sort update'.split())
setters = r'(warnings\.)?\b(filterwarnings|simplefilter)$|rcParams\.update$|\bstyle\.use$|set_printoptions$|manual_seed$|random\.seed$|basicConfig$'
# Lines of visible code of a page of the course.
limits = {p.path.stem: 350 for p in pages()}

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
    # What a report prints as a fix runs after `from miniai.diagnose import *`.
    'diagnose': [
        'diagnose(model, xb, yb=None, loss_func=None)', 'Report', 'Finding', 'Limits', 'assert_healthy', 'init_weights', 'init_model', 'lsuv_',
        'GeneralRelu', 'to_device', 'scale_parameters', 'remove_bias', 'reset_parameters'],
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
    most_names: int = most_names
    commands: set = field(default_factory=set)   # Functions that are commands, `module.function`

    @property
    def name(self): return self.package.name

    @cached_property
    def trees(self):
        "Syntax tree of each module."
        files = sorted(p for p in self.package.glob('*.py') if not p.stem.startswith('_'))
        return {p.stem: ast.parse(p.read_text(encoding='utf-8')) for p in files}

    @cached_property
    def public(self):
        "What `import *` brings, for each module: `__all__`, also of what it takes from others."
        return {m: listed(tree) for m,tree in self.trees.items()}

    @cached_property
    def owner(self):
        "The module that defines each public name; the lowest one if that cannot be seen."
        found = {}
        for m in [*self.floors, *self.trees]:
            for n in self.public.get(m, ()): found.setdefault(n, m)
            found |= {n: m for n in self.public.get(m, ()) if n in bound(self.trees[m].body)}
        return found

    @cached_property
    def readers_pages(self):
        "Pages for a reader: the home page, the course and its solutions."
        return [Page(p) for o in ('index.ipynb', '[0-9][0-9]_*.ipynb', 'solutions/*.ipynb') for p in sorted(self.pages.glob(o))]

    @cached_property
    def notebooks(self): return [Page(p) for p in [*sorted(self.pages.glob('[0-9][0-9]_*.ipynb')), *sorted(self.pages.glob('internals/*.ipynb'))]]


def requirements(*kinds):
    "Names under which the packages in settings.ini are imported."
    found = [re.match(r'[\w-]+', o)[0] for k in kinds for o in course.cfg[k].split()]
    return {import_names.get(o, o) for o in found}


def ours():
    commands = {o.split(f"={course.cfg['lib_path']}.")[1].replace(':', '.') for o in course.cfg['console_scripts'].split()}
    return House(course.root/course.cfg['lib_path'], course.nbs, course.floors, course.core, requirements('requirements'),
                 requirements('course_requirements'), commands=commands)


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
    "All that is public says its types; an event of a callback is given the Learner, and `Callback` says that once."
    for m in house.floors:
        for name,node,method in public_functions(house.trees[m]) if m in house.trees else ():
            if method and re.fullmatch(learner_events, node.name): continue
            args = [*node.args.posonlyargs, *node.args.args][method:]
            args += [*node.args.kwonlyargs, *(o for o in (node.args.vararg, node.args.kwarg) if o)]
            missing = [o.arg for o in args if o.annotation is None]
            if node.returns is None and node.name!='__init__': missing.append('what it returns')
            if missing: yield f'{m}, line {node.lineno}: {name} does not say the type of {", ".join(missing)}'


def listed(tree):
    "The names in a module's `__all__`."
    return next((ast.literal_eval(o.value) for o in tree.body if isinstance(o, ast.Assign) and ast.unparse(o.targets[0])=='__all__'), [])


def bound(nodes):
    "Names that statements and what stands in them define, imports apart."
    found = set()
    for o in [o for n in nodes for o in ast.walk(n)]:
        if isinstance(o, ast.Name) and isinstance(o.ctx, ast.Store): found.add(o.id)
        elif isinstance(o, (ast.FunctionDef, ast.ClassDef)): found.add(o.name)
        elif isinstance(o, ast.arg): found.add(o.arg)
    return found


def python(text):
    "Syntax tree of a cell without what only IPython understands; an empty one if it is no Python at all."
    try: return ast.parse(re.sub(r'^(\s*)([%!].*|.*\?)$', r'\1pass', re.sub(r'^(\w+) = [%!].*$', r'\1 = 0', text, flags=re.M), flags=re.M))
    except SyntaxError: return ast.parse('')


def taken(house, trees):
    "Public names that imports bring to a page: those named, and all that a star brings."
    named,star = set(),set()
    for _,module,names in (o for tree in trees for o in imports(tree, house.name)):
        if not module.startswith('.'): continue
        if names==['*']: star |= set(house.public.get(module[1:], ()))
        elif names: named |= set(names)
    return named,star


def uses(house, page):
    """Public names for which a reader of the page has a use: those that a visible cell reads, and those of another page's module that the text shows
    as code. They must come from the package, by an import or from a cell that exports, and not be the page's own variable of the same name."""
    cells = [(c, python(c.source)) for c in page.nb.cells if c.cell_type=='code']
    exporting = {id(c) for c,_ in cells if re.search(r'^#\|\s*exporti?\b', c.source, re.M)}
    named,star = taken(house, [t for _,t in cells])
    star |= {n for n,m in house.owner.items() if m==page.module}
    star -= {n for c,t in cells if id(c) not in exporting for n in bound(t.body)}
    read = {o.id for c,t in cells if id(c) not in exporting and not hidden(c) for o in ast.walk(t) if isinstance(o, ast.Name) and isinstance(o.ctx, ast.Load)}
    text = '\n'.join(c.source for c in page.nb.cells if c.cell_type=='markdown')
    shown = {(n, call) for a,b in re.findall(r'^```\w*\n(.*?)^```|`([^`\n]+)`', text, re.M | re.S)
             for n,call in re.findall(r'(?<![.\w])([A-Za-z_]\w*)(?![\w=.])(\(?)', a or b)}
    # `factor` alone may be anything; `factor(`, `Factor` and `a_factor` are what they are called.
    shown = {n for n,call in shown if page.module != house.owner.get(n) and (call or '_' in n or n != n.lower())}
    return read & (named | star) & set(house.owner) | shown & set(house.owner)


def printed(house):
    "Names that a line imports which the package prints, e.g. a fix."
    for tree in house.trees.values():
        for o in ast.walk(tree):
            if isinstance(o, ast.Constant) and isinstance(o.value, str):
                for names in re.findall(rf'from {house.name}\.\w+ import ([\w, ]+)', o.value): yield from re.findall(r'\w+', names)


def useful(house, own=True):
    """Public names for which a reader has a use. Either code of the original course imports it; or the home page, a page of the course or a
    solution uses it, without `own` another page than the one that builds it; or a fix that a report prints imports it; or it is a command."""
    found = {re.match(r'\w+', o)[0] for names in house.stays.values() for o in names} | set(printed(house))
    found |= {o.split('.')[1] for o in house.commands}
    for page in house.readers_pages: found |= {n for n in uses(house, page) if own or page.module != house.owner[n]}
    return found


def check_public(house):
    "Few public names, and a use for each: what only the package needs is `#| exporti`, what only its module needs begins with an underscore."
    n,known = len(house.owner),useful(house)
    if n > house.most_names: yield f'{n} public names, at most {house.most_names} are allowed'
    for m in house.trees:
        idle = [o for o in house.public[m] if house.owner[o]==m and o not in known]
        if idle: yield f'{m}: no reader is shown a use of {", ".join(idle)}: #| exporti, or a private name'


def decorated(node, *names): return any(ast.unparse(o).rsplit('.', 1)[-1] in names or 'as_prop=True' in ast.unparse(o) for o in node.decorator_list)


def class_members(house):
    "Members of public classes, `(name, is it a method, class, place)`: what stands in the class, what is patched in, and what methods set."
    for m,tree in house.trees.items():
        defs = [(c.name, o) for c in tree.body if isinstance(c, ast.ClassDef) for o in c.body]
        defs += [(patched(o), o) for o in tree.body if isinstance(o, ast.FunctionDef) and patched(o)]
        for cls,node in defs:
            if cls not in house.owner: continue
            where = f'{m}, line {node.lineno}'
            if isinstance(node, ast.FunctionDef):
                yield node.name, not decorated(node, 'property', 'cached_property', 'setter'), cls, where
                me = node.args.args[0].arg if node.args.args else None
                found = [o.attr for o in ast.walk(node) if isinstance(o, ast.Attribute) and isinstance(o.ctx, ast.Store) and ast.unparse(o.value)==me]
            elif isinstance(node, (ast.Assign, ast.AnnAssign)): found = bound([node])
            else: found = []
            for name in found: yield name, False, cls, where


def check_members(house):
    "A name is a method in all public classes that have it, or an attribute in all of them."
    methods,attributes = {},{}
    for name,is_method,cls,where in class_members(house):
        if not private(name) and not name.startswith('__') and not re.match(events, name): (methods if is_method else attributes).setdefault(name, {}).setdefault(cls, where)
    for name in sorted(set(methods) & set(attributes)):
        (a,here),(b,there) = next(iter(methods[name].items())), next(iter(attributes[name].items()))
        more = len(methods[name]) + len(attributes[name]) - 2
        yield f'{here}: {a}.{name} is a method, and {b}.{name} ({there}) an attribute' + (f'; and so on, {more} more' if more else '')


def containers(tree):
    "Names of a module that hold a container which can change."
    for o in tree.body:
        if not isinstance(o, (ast.Assign, ast.AnnAssign)) or o.value is None: continue
        made = isinstance(o.value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp))
        made = made or isinstance(o.value, ast.Call) and re.search(r'(^|\.)(list|dict|set|defaultdict|Counter|deque|OrderedDict|Weak\w+|SimpleNamespace)$', ast.unparse(o.value.func))
        if made: yield from (n for n in bound([o]) if n != '__all__' and n != '_all_')


def changes(function):
    "Names that a function changes without making them: by an item, by a method that changes a container, by `global`."
    own = bound(function.body) | {o.arg for o in ast.walk(function.args) if isinstance(o, ast.arg)}
    for o in ast.walk(function):
        if isinstance(o, ast.Global): yield from ((n, o) for n in o.names)
        elif isinstance(o, ast.Subscript) and not isinstance(o.ctx, ast.Load): target = o.value
        elif isinstance(o, ast.Call) and isinstance(o.func, ast.Attribute) and o.func.attr in changers: target = o.func.value
        else: continue
        if not isinstance(o, ast.Global) and isinstance(target, ast.Name) and target.id not in own: yield target.id, o


def is_memo(tree, name):
    "Does one function alone use the container, to keep what it has worked out? That nobody else can notice."
    inside = [f for _,f in functions(tree) if any(isinstance(o, ast.Name) and o.id==name for o in ast.walk(f))]
    calls = any(n==name and not isinstance(o, ast.Subscript) for f in inside for n,o in changes(f))
    outside = sum(isinstance(o, ast.Name) and o.id==name for o in ast.walk(tree)) - sum(isinstance(o, ast.Name) and o.id==name for f in inside[:1] for o in ast.walk(f))
    return len(inside)==1 and outside==1 and not calls


def check_state(house):
    "Nothing that two users of one process share without knowing: no container of a module that functions change, no filter or style set at import."
    made = {m: {n for n in containers(tree) if not is_memo(tree, n)} for m,tree in house.trees.items()}
    for m,tree in house.trees.items():
        known = {n: m for n in made[m]}
        for _,module,names in imports(tree, house.name):
            if module.startswith('.'): known |= {n: module[1:] for n in names or () if n in made.get(module[1:], ())}
        found = {(n, o.lineno) for _,f in functions(tree) for n,o in changes(f) if n in known or isinstance(o, ast.Global)}
        for n,line in sorted(found, key=lambda o: o[1]): yield f'{m}, line {line}: changes {n}, which all users of {known.get(n, m)} share'
        for o in at_top(tree):
            if isinstance(o, ast.Call) and (hit := re.search(setters, ast.unparse(o.func))): yield f'{m}, line {o.lineno}: calls {hit[0]} when it is imported'


def at_top(tree):
    "What runs when a module is imported: not what stands in functions, nor under `with warnings.catch_warnings()`."
    todo = list(tree.body)
    while todo:
        o = todo.pop(0)
        if isinstance(o, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)): continue
        if isinstance(o, ast.With) and 'catch_warnings' in ast.unparse(o.items[0]): continue
        yield o
        todo += ast.iter_child_nodes(o)


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
            if p.topic != m: yield f'{m}: is exported from a page of another name, {p.path.name}'


def hidden(cell): return cell.id=='frame-install' or re.search(r'^#\|\s*(hide\b|include:\s*false)', cell.source, re.M)


def visible_lines(page):
    "Lines of code that a reader of the page sees, without empty ones and directives of nbdev. A comment counts: it is there to be read."
    lines = [o.strip() for c in page.shown for o in c.source.splitlines()]
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


checks = (check_imports, check_private, check_hooks, check_requirements, check_functions, check_types, check_public, check_members, check_state,
          check_pages, check_visible, check_fresh, check_names)


def table(house):
    "Visible lines of code of each page."
    for p in house.notebooks:
        limit = house.limits.get(p.path.stem)
        yield f'{visible_lines(p):6,}  {p.path.relative_to(house.pages).with_suffix("")}' + (f' (limit {limit})' if limit else '')


def counted(house):
    "Public names that each module defines, as `trace 7`, and those that no other page uses, which could be shared instead."
    owners = list(house.owner.values())
    yield f'{len(owners)} public names (at most {house.most_names}): ' + ', '.join(f'{m} {owners.count(m)}' for m in house.floors if m in owners)
    if at_home := sorted(useful(house) - useful(house, own=False)): yield f'used only on the page that builds them: {", ".join(at_home)}'


def main():
    house = ours()
    wrong = [o for check in checks for o in check(house)]
    print('visible lines of code:', *table(house), sep='\n')
    print(*counted(house), sep='\n')
    print('\n'.join(wrong))
    print(f'{len(house.trees)} modules, {len(house.notebooks)} pages: {len(wrong)} things wrong')
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
