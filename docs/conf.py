"""How the site is built: `sphinx-build -W --keep-going -n docs docs/_build`. Nothing is asked of a network."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import synthprivacy  # the package that is described; after the path, which it does not need

project = "synthprivacy"
author = "The synthprivacy authors"
version = release = synthprivacy.__version__
extensions = ["_ext", "myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "_templates", "_ext"]
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!synthprivacy\.).*")]  # types of other projects: their sites are on the network

autodoc_typehints = "none"  # the docstrings say what is taken
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "synthprivacy"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
