"""The Sphinx site: ``sphinx-build -W --keep-going -n docs build/docs``."""

import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
from docutils.nodes import SkipNode
from docutils.parsers.rst import Directive, directives
from docutils.utils.math.latex2mathml import tex2mathml
from numpydoc.docscrape import FunctionDoc

import ogive

docs = Path(__file__).parent
sys.path[:0] = [str(docs), str(docs.parent)]  # figures.py, and benchmarks, with which it draws

import figures  # noqa: E402

project = "ogive"
author = "The ogive developers"
copyright = author
release = version = ogive.__version__

extensions = [
    "matplotlib.sphinxext.plot_directive",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
]
myst_enable_extensions = ["colon_fence", "dollarmath", "substitution"]
myst_substitutions = figures.headline()
myst_heading_anchors = 2
templates_path = ["_templates"]
exclude_patterns = ["_templates"]

numpydoc_show_class_members = False
plot_formats = [("svg", 100)]
plot_html_show_formats = plot_html_show_source_link = False
plot_basedir = str(docs)
plot_rcparams = {"figure.constrained_layout.use": True, "savefig.transparent": True}

# Doctest wants a blank line behind the last result, the page does not.
highlight_options = {"python": {"stripnl": True}}

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_js_files = [("tables.js", {"defer": "defer"})]
html_title = f"ogive {release}"
html_show_sourcelink = False
html_sidebars = {"*": [], "api/*": ["sidebar-nav-bs"]}
WITHOUT_CONTENTS = ["index", "accuracy", "accuracy_avx512", "speed_avx512", "speed_avx2", "api/*"]
html_theme_options = {
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": {
        "*": ["page-toc"],
        **{page: [] for page in WITHOUT_CONTENTS},
    },
}


class Picture(Directive):
    """A picture of figures.py for each ground and width of screen, of which the page shows one."""

    required_arguments = 1
    option_spec: ClassVar = {"alt": directives.unchanged}

    def run(self):
        """Have the plot directive draw them."""
        lines = []
        for screen, width in (("", "wide"), ("_narrow", "narrow")):
            for ground in ("light", "dark"):
                lines += [
                    f".. plot:: figures.py {self.arguments[0]}{screen}_{ground}",
                    f"   :class: only-{ground} {width}",
                    f"   :alt: {self.options['alt']}",
                    "",
                ]
        self.state_machine.insert_input(lines, self.state_machine.document["source"])
        return []


def mathml(self, node):
    """Typeset a formula without a script or a font from elsewhere."""
    self.body.append(tex2mathml(node.astext(), as_block=node.tagname == "math_block"))
    raise SkipNode


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
    app.add_directive("picture", Picture)
    app.add_html_math_renderer("mathml", (mathml, None), (mathml, None))
