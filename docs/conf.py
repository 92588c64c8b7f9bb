"""The Sphinx site: ``sphinx-build -W --keep-going -n docs build/docs``."""

import sys
from pathlib import Path

import numpy as np
from numpydoc.docscrape import FunctionDoc

import ogive

sys.path.insert(0, str(Path(__file__).parent))  # figures.py

project = "ogive"
author = "The ogive developers"
copyright = author
release = version = ogive.__version__

extensions = [
    "matplotlib.sphinxext.plot_directive",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autosummary",
]
myst_heading_anchors = 2
templates_path = ["_templates"]
exclude_patterns = ["_templates"]

numpydoc_show_class_members = False
plot_formats = [("svg", 100)]
plot_html_show_formats = plot_html_show_source_link = False
plot_basedir = str(Path(__file__).parent)
plot_rcparams = {"figure.constrained_layout.use": True, "savefig.transparent": False}

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_title = f"ogive {release}"
html_show_sourcelink = False
html_sidebars = {"*": [], "api/*": ["sidebar-nav-bs"]}
html_theme_options = {
    "header_links_before_dropdown": 8,
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": [], "accuracy": []},
}


def ufunc_signature(app, what, name, obj, options, signature, returns):
    """Name the inputs of a ufunc as its docstring does, where NumPy has x1 and x2."""
    if not isinstance(obj, np.ufunc):
        return None
    if what != "function":  # autosummary takes it for data, which have none
        return (None, None)
    inputs = [parameter.name for parameter in FunctionDoc(obj)["Parameters"][: obj.nin]]
    return f"({', '.join(inputs)}, /, out=None, *, where=True, **kwargs)", ""


def setup(app):
    """Connect, before numpydoc does the same."""
    app.connect("autodoc-process-signature", ufunc_signature, priority=400)
