"""Write a stub (.pyi) for each module of a folder in which fastcore's `patch` adds methods to a class.

    python scripts/make_stubs.py folder

A type checker and an editor read a module without running it, so they do not know of a method that is patched in: for them a report had no
`to_json`. In a stub the method stands in its class. setup.py writes the stubs into the wheel; the repository has none, since mypy would look
at them instead of at the code.
"""
import ast
import sys
from pathlib import Path

any_type = ast.Name('Any')
# Decorators that a type checker understands; the others leave a function's arguments as they are.
known = {'property', 'staticmethod', 'classmethod', 'contextmanager', 'overload', 'cached_property'}


def is_function(o): return isinstance(o, (ast.FunctionDef, ast.AsyncFunctionDef))


def private(name): return name.startswith('_') and not (name.startswith('__') and name.endswith('__'))


def patch_of(f):
    "The decorator `patch` of a function; `None` if it has none."
    return next((o for o in f.decorator_list if ast.unparse(o).split('(')[0]=='patch'), None)


def declare(name, annotation=any_type): return ast.AnnAssign(ast.Name(name), annotation, simple=1)


def signature(f):
    "The function without its body and with `...` for each default."
    decorators = [o for o in f.decorator_list if ast.unparse(o).split('(')[0] in known or ast.unparse(o).endswith('.setter')]
    args = ast.parse(ast.unparse(f.args).join(('def f(', '): ...'))).body[0].args
    args.defaults = [ast.Constant(...) for _ in args.defaults]
    args.kw_defaults = [o and ast.Constant(...) for o in args.kw_defaults]
    if patch := patch_of(f):
        kinds = {k.arg for k in patch.keywords} if isinstance(patch, ast.Call) else set()
        decorators += [ast.Name(d) for k,d in (('as_prop', 'property'), ('cls_method', 'classmethod')) if k in kinds]
        args.args[0].annotation = None
    gives_itself = f.name=='__enter__' and ast.unparse(f.body[-1])=='return self'
    returns = f.returns or (ast.Constant(None) if f.name=='__init__' else ast.Name('Self') if gives_itself else any_type)
    return type(f)(name=f.name, args=args, body=[ast.Expr(ast.Constant(...))], decorator_list=decorators, returns=returns, type_params=[])


def pairs(node):
    "Targets and values of an assignment, one by one: two of `a,b = c,d`."
    for target in node.targets:
        if isinstance(target, ast.Tuple):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [None]*len(target.elts)
            yield from zip(target.elts, values)
        else: yield target, node.value


def attributes(functions):
    "Names of the public attributes that methods set, with their types, as far as those are parameters."
    found = {}
    for f in functions:
        args = [*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs]
        types = {a.arg: a.annotation for a in args if a.annotation}
        for node in ast.walk(f):
            if isinstance(node, ast.Assign): targets = pairs(node)
            elif isinstance(node, ast.AnnAssign): targets = [(node.target, node.annotation)]
            else: targets = [(o, None) for o in (getattr(node, 'target', None),) if isinstance(o, ast.expr)]
            for o,value in targets:
                if not (args and isinstance(o, ast.Attribute) and ast.unparse(o.value)==args[0].arg) or private(o.attr): continue
                if isinstance(node, ast.AnnAssign): kind = value
                else: kind = types.get(value.id) if isinstance(value, ast.Name) and f.name=='__init__' else None
                found.setdefault(o.attr, kind or any_type)
    return found


def constants(node):
    "An assignment as a type checker should see it: a literal, a type, or a name of any type."
    for o,value in pairs(node):
        if not isinstance(o, ast.Name) or private(o.id): continue
        try: ast.literal_eval(value)
        except (ValueError, TypeError):
            is_type = isinstance(value, (ast.Name, ast.Attribute, ast.Subscript)) or isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)
            if not is_type or isinstance(value, ast.Name) and private(value.id): yield declare(o.id); continue
        yield ast.Assign([o], value, lineno=0)


def class_stub(c, added):
    "A class with the methods that are patched in."
    functions = [f for f in c.body if is_function(f)]
    body = [o for o in c.body if isinstance(o, ast.AnnAssign)]
    body += [n for o in c.body if isinstance(o, ast.Assign) for n in constants(o)]
    own = {ast.unparse(o.target if isinstance(o, ast.AnnAssign) else o.targets[0]) for o in body} | {f.name for f in functions + added}
    body += [declare(name, kind) for name,kind in attributes(functions + added).items() if name not in own]
    body += [signature(f) for f in functions + added if not private(f.name)]
    return ast.ClassDef(c.name, c.bases, c.keywords, body or [ast.Expr(ast.Constant(...))], c.decorator_list, type_params=[])


def stub(tree):
    "Source of the stub of a module; `None` if nothing is patched there."
    patched = {}
    for f in tree.body:
        if is_function(f) and patch_of(f):
            for o in ast.walk(f.args.args[0].annotation):
                if isinstance(o, ast.Name): patched.setdefault(o.id, []).append(f)
    here = {o.name for o in tree.body if isinstance(o, ast.ClassDef)}
    if not here & set(patched): return None
    body = [ast.ImportFrom('typing', [ast.alias('Any'), ast.alias('Self')], 0)]
    for o in tree.body:
        if isinstance(o, (ast.Import, ast.ImportFrom)): body.append(o)
        elif isinstance(o, ast.If) and 'TYPE_CHECKING' in ast.unparse(o.test): body += o.body
        elif isinstance(o, ast.ClassDef): body.append(class_stub(o, patched.get(o.name, [])))
        elif is_function(o) and not private(o.name) and not patch_of(o): body.append(signature(o))
        elif isinstance(o, ast.AnnAssign): body.append(declare(ast.unparse(o.target), o.annotation))
        elif isinstance(o, ast.Assign): body += constants(o)
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, []))) + '\n'


def write(folder):
    "Write the stubs beside the modules of `folder`; returns the files."
    made = []
    for file in sorted(Path(folder).glob('*.py')):
        if file.name.startswith('_'): continue
        if text := stub(ast.parse(file.read_text(encoding='utf-8'))):
            made.append(file.with_suffix('.pyi'))
            made[-1].write_text(text, encoding='utf-8')
    return made


if __name__ == '__main__': print(*write(sys.argv[1]))
