"Reads everything from settings.ini, the one place for the package's facts."
import re
import sys
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup, find_packages
from setuptools.command.build_py import build_py

root = Path(__file__).resolve().parent
sys.path.insert(0, str(root/'scripts'))
import make_stubs

config = ConfigParser(delimiters=['='])
config.read(root/'settings.ini', encoding='utf-8')
cfg = config['DEFAULT']

statuses = ['1 - Planning', '2 - Pre-Alpha', '3 - Alpha', '4 - Beta', '5 - Production/Stable', '6 - Mature', '7 - Inactive']
licenses = {'apache2': 'Apache-2.0'}

course,dev,site,zoo = (cfg[f'{o}_requirements'].split() for o in ('course', 'dev', 'site', 'zoo'))

# Where the README is shown away from the repository, its links and pictures must say where they lie.
readme = (root/'README.md').read_text(encoding='utf-8')
at = f"{cfg['git_url']}/%s/{cfg['branch']}/"
readme = re.sub(r'(!\[[^\]]*\]\()(?!\w+:)', rf'\g<1>{at % "raw"}', readme)
readme = re.sub(r'(?<=\]\()(?!\w+:|#)', at % 'blob', readme)


class BuildWithStubs(build_py):
    "Type checkers do not see the methods that are patched into a class: the wheel has stubs that say so."
    def run(self):
        super().run()
        if not self.editable_mode: make_stubs.write(Path(self.build_lib)/cfg['lib_path'])


setup(
    name=cfg['lib_name'],
    version=cfg['version'],
    description=cfg['description'],
    long_description=readme,
    long_description_content_type='text/markdown',
    author=cfg['author'],
    author_email=cfg['author_email'],
    url=cfg['git_url'],
    license=licenses[cfg['license']],
    keywords=cfg['keywords'],
    classifiers=[
        f"Development Status :: {statuses[int(cfg['status'])-1]}",
        f"Intended Audience :: {cfg['audience']}",
        f"Natural Language :: {cfg['language']}",
        'Programming Language :: Python :: 3',
        'Framework :: Jupyter',
    ],
    python_requires=f">={cfg['min_python']}",
    packages=find_packages(include=[cfg['lib_path'], f"{cfg['lib_path']}.*"]),
    include_package_data=True,  # what MANIFEST.in lists inside the package: the sample of Fashion-MNIST, the style, py.typed
    install_requires=cfg['requirements'].split(),
    extras_require={'course': course, 'dev': course + dev, 'site': site, 'zoo': zoo},
    entry_points={
        'console_scripts': cfg['console_scripts'].split(),
        'nbdev': [f"{cfg['lib_path']}={cfg['lib_path']}._modidx:d"],
    },
    cmdclass={'build_py': BuildWithStubs},
    zip_safe=False,
)
