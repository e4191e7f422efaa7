"""A network in which whole numbers of eight bits are multiplied, every row of activations with a scale of its own.

The usual dynamic quantisation takes one scale for all that is in a run: one odd token makes the rest coarse, and a
text's vector depends on its company. With a scale for each token, what is computed for a text depends on nothing else:
sums of whole numbers are exact in whatever order they are taken. Three things keep the vectors near to the original's:

- Channels that are always large are made smaller and their weights larger, by the root of what is usual for them, as in
  SmoothQuant (Xiao et al., 2023).
- What comes from a GELU is never below -0.17: counted from there it uses all of 0…255, not the half.
- Each column of the weights has a scale of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]

_LEAST_OF_GELU = 0.17  # its lowest value is -0.16997
_TINY = 1e-9  # stands for the largest of a row of zeros
_LEAST_CHANNEL = 1e-4
_TABLE = 1024  # rows from which a table of vectors is worth packing
_TABLE_MOST = 127
_RANGES = (
    (127, 128),
    (255, 0),
)  # the largest whole number and where zero lies: of what has both signs, and of a GELU


def with_inputs_shown(source: Path, target: Path) -> list[str]:
    """Write the network of `source` to `target` so that it also puts out what its matrices are multiplied with.

    Returns the names of these outputs.
    """
    import onnx  # noqa: PLC0415 - only when a model is compiled

    network = onnx.load(source)
    names = sorted({node.input[0] for node, _ in _products(network.graph, _matrices(network.graph))})
    shown = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names]
    network.graph.output.extend(shown)
    onnx.save(network, target)
    return names


def largest_by_channel(
    network: InferenceSession, names: Sequence[str], texts: Sequence[Sequence[int]]
) -> dict[str, Floats]:
    """Return how large each channel of these outputs gets when the network reads the token ids of some texts."""
    largest: dict[str, Floats] = {}
    for ids in texts:
        outputs = network.run(list(names), {"ids": np.array([ids], dtype=np.int64)})
        for name, values in zip(names, outputs, strict=True):
            seen = np.abs(np.asarray(values, dtype=np.float32)).reshape(-1, values.shape[-1]).max(axis=0)
            largest[name] = np.maximum(largest.get(name, seen), seen)
    return largest


def quantise(source: Path, target: Path, largest: Mapping[str, Floats], *, bits: int) -> None:
    """Write the network of `source` to `target`, its weights as whole numbers of so many bits.

    With seven bits nothing overflows on processors that add products in 16 bits (those without VNNI).
    """
    import onnx  # noqa: PLC0415 - only when a model is compiled

    network = onnx.load(source)
    _Rewrite(network.graph, largest, most=2 ** (bits - 1) - 1).do()
    onnx.save(network, target)


class _Rewrite:
    """Puts products of whole numbers in the place of a graph's products with constant matrices."""

    def __init__(self, graph: GraphProto, largest: Mapping[str, Floats], *, most: int) -> None:
        self._graph = graph
        self._most = most
        self._tables = _matrices(graph)
        products = list(_products(graph, self._tables))
        self._weights = {node.output[0]: weights for node, weights in products}
        self._met: dict[str, list[Floats]] = {}
        for node, weights in products:
            self._met.setdefault(node.input[0], []).append(weights)
        self._from_gelu = {node.output[0] for node in graph.node if node.op_type == "Gelu"}
        self._channels = {x: self._evened(x, largest[x]) for x in largest}
        self._prepared: set[str] = set()

    def do(self) -> None:
        """Rewrite the graph in place, and drop the constants that nothing uses any more."""
        self._keep("row.tiny", np.array(_TINY, np.float32))
        self._keep("row.one", np.array(1, np.float32))
        for half, (most, zero) in enumerate(_RANGES):
            self._keep(f"row.step{half}", np.array(1 / most, np.float32))
            self._keep(f"row.zero{half}", np.array(zero, np.uint8))
        nodes = [new for node in self._graph.node for new in self._instead_of(node)]
        used = {name for node in nodes for name in node.input}
        constants = [tensor for tensor in self._graph.initializer if tensor.name in used]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(nodes)
        self._graph.initializer.extend(constants)

    def _evened(self, x: str, large: Floats) -> Floats:
        """Share what is hard about each channel of `x` between the activations and all weights that they meet."""
        size = np.maximum.reduce([np.abs(weights).max(axis=1) for weights in self._met[x]])
        large = large + np.float32(_LEAST_OF_GELU if x in self._from_gelu else 0)
        shares = np.maximum(large, _LEAST_CHANNEL) / np.maximum(size, _LEAST_CHANNEL)
        return np.asarray(np.sqrt(shares), dtype=np.float32)

    def _instead_of(self, node: NodeProto) -> Iterator[NodeProto]:
        if (weights := self._weights.get(node.output[0])) is not None:
            yield from self._activations(node.input[0])
            yield from self._product(node, weights)
        elif node.op_type == "Gather" and len(self._tables.get(node.input[0], ())) >= _TABLE:
            yield from self._look_up(node, self._tables[node.input[0]])
        else:
            yield node

    def _activations(self, x: str) -> Iterator[NodeProto]:
        """Make whole numbers of `x` (`x.whole`), and the largest of each row (`x.largest`), once for all its users."""
        if x in self._prepared:
            return
        self._prepared.add(x)
        half = int(x in self._from_gelu)
        self._keep(f"{x}.shrink", 1 / self._channels[x])
        yield _node("Mul", [x, f"{x}.shrink"], f"{x}.{'small' if half else 'even'}")
        if half:
            self._keep(f"{x}.least", np.float32(_LEAST_OF_GELU) / self._channels[x])
            yield _node("Add", [f"{x}.small", f"{x}.least"], f"{x}.even")
        else:
            yield _node("Abs", [f"{x}.even"], f"{x}.size")
        sized = f"{x}.even" if half else f"{x}.size"
        yield _node("ReduceMax", [sized], f"{x}.max", axes=[-1], keepdims=1)
        yield _node("Max", [f"{x}.max", "row.tiny"], f"{x}.largest")
        yield _node("Div", [f"{x}.even", f"{x}.largest"], f"{x}.share")
        yield _node("QuantizeLinear", [f"{x}.share", f"row.step{half}", f"row.zero{half}"], f"{x}.whole")

    def _product(self, node: NodeProto, weights: Floats) -> Iterator[NodeProto]:
        """Compute the row's largest · (whole numbers of x · whole numbers of W) · the scales of W's columns."""
        (x, _), (out,) = node.input, node.output
        half = int(x in self._from_gelu)
        whole, scales = _whole(weights * self._channels[x][:, None], self._most, axis=0)
        self._keep(f"{out}.weights", whole)
        self._keep(f"{out}.scales", (scales / np.float32(_RANGES[half][0])).reshape(-1))
        factors = [f"{x}.whole", f"{out}.weights", "row.one", f"{out}.scales", f"row.zero{half}"]
        yield _node("MatMulIntegerToFloat", factors, f"{out}.share", domain="com.microsoft")
        yield _node("Mul", [f"{out}.share", f"{x}.largest"], f"{out}.above" if half else out)
        if half:  # what was added to each channel comes off the product
            self._keep(f"{out}.off", -(np.float32(_LEAST_OF_GELU) / self._channels[x]) @ (whole * scales))
            yield _node("Add", [f"{out}.above", f"{out}.off"], out)

    def _look_up(self, node: NodeProto, table: Floats) -> Iterator[NodeProto]:
        """A row of a table of vectors = its whole numbers · its scale: a quarter of the memory."""
        (_, rows), (out,) = node.input, node.output
        whole, scales = _whole(table, _TABLE_MOST, axis=1)
        self._keep(f"{out}.table", whole)
        self._keep(f"{out}.scales", scales)
        yield _node("Gather", [f"{out}.table", rows], f"{out}.whole")
        yield _node("Cast", [f"{out}.whole"], f"{out}.share", to=1)  # float
        yield _node("Gather", [f"{out}.scales", rows], f"{out}.scale")
        yield _node("Mul", [f"{out}.share", f"{out}.scale"], out)

    def _keep(self, name: str, value: NDArray[Any]) -> None:
        from onnx import numpy_helper  # noqa: PLC0415

        self._graph.initializer.append(numpy_helper.from_array(value, name))


def _node(kind: str, inputs: Sequence[str], output: str, **more: Any) -> NodeProto:  # noqa: ANN401 - onnx's own
    from onnx import helper  # noqa: PLC0415

    return helper.make_node(kind, inputs, [output], **more)


def _products(graph: GraphProto, matrices: Mapping[str, Floats]) -> Iterator[tuple[NodeProto, Floats]]:
    """Yield what multiplies with one of the constant `matrices`, and the matrix."""
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in matrices:
            yield node, matrices[node.input[1]]


def _matrices(graph: GraphProto) -> dict[str, Floats]:
    """Return the constants that are matrices of floats."""
    from onnx import TensorProto, numpy_helper  # noqa: PLC0415

    return {
        tensor.name: np.asarray(numpy_helper.to_array(tensor), dtype=np.float32)
        for tensor in graph.initializer
        if len(tensor.dims) == 2 and tensor.data_type == TensorProto.FLOAT
    }


def _whole(matrix: Floats, most: int, *, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Return `matrix` as whole numbers of at most `most`, and the scales, one for each line along `axis`."""
    scales = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True), np.float32(_TINY)) / np.float32(most)
    return np.round(matrix / scales).astype(np.int8), scales
