"""Names in a syntax tree, and the nodes that they are read from."""

import ast
import gc
import weakref

from earmark.extract.names import nodes

SOURCE = "import numpy as np\n\ndef tone(hz):\n    return [np.sin(hz * k) for k in range(9)]\n"


def test_the_nodes_are_those_of_ast_walk_each_time() -> None:
    tree = ast.parse(SOURCE)
    assert list(nodes(tree)) == list(ast.walk(tree)) == list(nodes(tree))


def test_a_tree_does_not_outlive_its_last_use() -> None:
    tree = ast.parse(SOURCE)
    nodes(tree)
    left = weakref.ref(tree)
    del tree
    gc.collect()
    assert left() is None
