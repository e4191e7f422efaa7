"""Quantise a network to int8 so that the result for a text depends on that text alone.

The usual dynamic quantisation has one scale for a whole run: one odd token makes all others coarse, and a text's vector
depends on what else is in the run. Here no scale spans a run, and integer sums are exact in any order. Quantising
activations takes longer than the products, so only as much is done as keeps the vectors close to the original:

- The output of a layer norm has the same magnitude for every text: its scale is fixed when the model is compiled.
- All other activations have a scale for each token (row). With seven-bit weights, which are coarser, all of them do.
- Channels that are always large are scaled down and their weights up, as in SmoothQuant (Xiao et al., 2023).
- The output of a GELU is never below -0.17: a zero point of 32 out of 255 leaves most of the range to positive values.
- Each column of a weight matrix has its own scale.
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

_TINY = 1e-9  # keeps the scale of a row of zeros above zero
_MIN_CHANNEL = 1e-4
_SMOOTHING = 0.6  # SmoothQuant's alpha: the share of a channel's magnitude that moves to the weights
_MAX_INT8 = 127  # the largest eight-bit weight
_MIN_TABLE_ROWS = 1024  # from this many rows on, an embedding table is worth quantising
_SYMMETRIC, _GELU = (128, 127), (32, 223)  # zero point, and the steps of a byte above it
_GELU_DEPTH = 0.17  # a GELU's lowest value is -0.16997


def expose_inputs(source: Path, target: Path) -> list[str]:
    """Write the network of `source` to `target`, with the left operands of its matrix products as extra outputs.

    Returns the names of these outputs.
    """
    import onnx  # noqa: PLC0415 - only when a model is compiled

    network = onnx.load(source)
    names = sorted({node.input[0] for node, _ in _products(network.graph, _matrices(network.graph))})
    shown = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names]
    network.graph.output.extend(shown)
    onnx.save(network, target)
    return names


def channel_maxima(
    network: InferenceSession, names: Sequence[str], texts: Sequence[Sequence[int]]
) -> dict[str, Floats]:
    """Return the largest magnitude of each channel of the outputs `names` over `texts`, which are token ids."""
    largest: dict[str, Floats] = {}
    for ids in texts:
        outputs = network.run(list(names), {"ids": np.array([ids], dtype=np.int64)})
        for name, values in zip(names, outputs, strict=True):
            seen = np.abs(np.asarray(values, dtype=np.float32)).reshape(-1, values.shape[-1]).max(axis=0)
            largest[name] = np.maximum(largest.get(name, seen), seen)
    return largest


def quantise(source: Path, target: Path, largest: Mapping[str, Floats], *, bits: int) -> None:
    """Write the network of `source` to `target` with integer weights of `bits` bits.

    `largest` is the result of `channel_maxima`. With seven bits nothing overflows on processors that add products
    in 16 bits (those without VNNI).
    """
    import onnx  # noqa: PLC0415 - only when a model is compiled

    network = onnx.load(source)
    _Rewrite(network.graph, largest, most=2 ** (bits - 1) - 1).do()
    onnx.save(network, target)


class _Rewrite:
    """Replaces a graph's products with constant matrices by integer products."""

    def __init__(self, graph: GraphProto, largest: Mapping[str, Floats], *, most: int) -> None:
        self._graph = graph
        self._most = most
        self._tables = _matrices(graph)
        products = list(_products(graph, self._tables))
        self._weights_by_output = {node.output[0]: weights for node, weights in products}
        self._weights_by_input: dict[str, list[Floats]] = {}
        for node, weights in products:
            self._weights_by_input.setdefault(node.input[0], []).append(weights)
        made_by = {output: node.op_type for node in graph.node for output in node.output}
        self._from_gelu = {x for x in self._weights_by_input if made_by.get(x) == "Gelu"}
        self._fixed = {
            x for x in self._weights_by_input if most == _MAX_INT8 and made_by.get(x) == "LayerNormalization"
        }
        self._divisors = {
            x: self._divisors_of(x, largest[x]) for x in self._weights_by_input if x not in self._from_gelu
        }
        self._steps = {x: float((largest[x] / self._divisors[x]).max()) / _SYMMETRIC[1] for x in self._fixed}
        self._biases = self._fused_biases()
        self._prepared: set[str] = set()

    def do(self) -> None:
        """Rewrite the graph in place and drop the constants that are no longer used."""
        self._add_constant("row.one", np.array(1, np.float32))
        self._add_constant("row.all", np.array([-1], np.int64))
        for zero, most in (_SYMMETRIC, _GELU):
            self._add_constant(f"row.zero{zero}", np.array(zero, np.uint8))
            self._add_constant(f"row.step{zero}", np.array(1 / most, np.float32))
        self._add_constant(f"row.least{_SYMMETRIC[0]}", np.array(_TINY, np.float32))
        self._add_constant(f"row.least{_GELU[0]}", np.array(_GELU_DEPTH / _GELU[0], np.float32))
        nodes = [new for node in self._graph.node for new in self._replacement(node)]
        used = {name for node in nodes for name in node.input}
        constants = [tensor for tensor in self._graph.initializer if tensor.name in used]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(nodes)
        self._graph.initializer.extend(constants)

    def _divisors_of(self, x: str, large: Floats) -> Floats:
        """Return the divisor of each channel of `x` that balances its magnitude against that of its weights."""
        size = np.maximum.reduce([np.abs(weights).max(axis=1) for weights in self._weights_by_input[x]])
        large, size = np.maximum(large, _MIN_CHANNEL), np.maximum(size, _MIN_CHANNEL)
        return np.asarray(large**_SMOOTHING / size ** (1 - _SMOOTHING), dtype=np.float32)

    def _fused_biases(self) -> dict[str, tuple[str, str]]:
        """Return the biases that can be fused into a product: product → (bias, name of the sum).

        The product must have a fixed scale, and adding the bias must be its only use.
        """
        vectors = {tensor.name for tensor in self._graph.initializer if len(tensor.dims) == 1}
        products = {
            n.output[0]
            for n in self._graph.node
            if n.output[0] in self._weights_by_output and n.input[0] in self._fixed
        }
        users: dict[str, list[NodeProto]] = {}
        for node in self._graph.node:
            for name in products.intersection(node.input):
                users.setdefault(name, []).append(node)
        shown = {output.name for output in self._graph.output}
        found = {}
        for name, (first, *more) in users.items():
            others = [other for other in first.input if other != name]
            if first.op_type == "Add" and not more and name not in shown and vectors.issuperset(others):
                found[name] = (*others, first.output[0])
        return found

    def _replacement(self, node: NodeProto) -> Iterator[NodeProto]:
        """Yield the nodes that take the place of `node`."""
        if (weights := self._weights_by_output.get(node.output[0])) is not None:
            yield from self._quantised_input(node.input[0])
            yield from self._integer_product(node, weights)
        elif node.op_type == "Gather" and len(self._tables.get(node.input[0], ())) >= _MIN_TABLE_ROWS:
            yield from self._table_lookup(node, self._tables[node.input[0]])
        elif node.output[0] not in {total for _, total in self._biases.values()}:
            yield node

    def _quantised_input(self, x: str) -> Iterator[NodeProto]:
        """Quantise `x` to `x.whole`, once for all its users. Without a fixed scale, `x.scale` has one for each row."""
        if x in self._prepared:
            return
        self._prepared.add(x)
        even = x
        if x in self._divisors:
            even = f"{x}.even"
            self._add_constant(f"{x}.shrink", 1 / self._divisors[x])
            yield _node("Mul", [x, f"{x}.shrink"], even)
        if x in self._fixed:
            self._add_constant(f"{x}.step", np.array(self._steps[x], np.float32))
            yield _node("QuantizeLinear", [even, f"{x}.step", f"row.zero{_SYMMETRIC[0]}"], f"{x}.whole")
        else:
            yield from self._quantised_by_row(x, even)

    def _quantised_by_row(self, x: str, even: str) -> Iterator[NodeProto]:
        from onnx import numpy_helper  # noqa: PLC0415

        zero, _ = self._range(x)
        if zero == _SYMMETRIC[0]:
            yield _node("Abs", [even], f"{x}.size")
        yield _node(
            "ReduceMax", [f"{x}.size" if zero == _SYMMETRIC[0] else even], f"{x}.max", axes=[-1], keepdims=1
        )
        yield _node("Mul", [f"{x}.max", f"row.step{zero}"], f"{x}.share")
        yield _node("Max", [f"{x}.share", f"row.least{zero}"], f"{x}.scale")
        # QuantizeLinear takes scales along one axis only, so all other axes are flattened into it.
        self._add_constant(f"{x}.flat", np.array([-1, len(self._weights_by_input[x][0])], np.int64))
        yield _node("Reshape", [f"{x}.scale", "row.all"], f"{x}.scales")
        yield _node("Shape", [f"{x}.scales"], f"{x}.rows")
        filled = numpy_helper.from_array(np.array([zero], np.uint8))
        yield _node("ConstantOfShape", [f"{x}.rows"], f"{x}.zeros", value=filled)
        yield _node("Reshape", [even, f"{x}.flat"], f"{x}.lines")
        yield _node("QuantizeLinear", [f"{x}.lines", f"{x}.scales", f"{x}.zeros"], f"{x}.bytes", axis=0)
        yield _node("Shape", [x], f"{x}.shape")
        yield _node("Reshape", [f"{x}.bytes", f"{x}.shape"], f"{x}.whole")

    def _range(self, x: str) -> tuple[int, int]:
        return _GELU if x in self._from_gelu else _SYMMETRIC

    def _integer_product(self, node: NodeProto, weights: Floats) -> Iterator[NodeProto]:
        """Compute scale of x · (integers of x · integers of W) · scales of W's columns."""
        (x, _), (out,) = node.input, node.output
        channels = self._divisors.get(x)
        whole, scales = _quantised(
            weights if channels is None else weights * channels[:, None], self._most, axis=0
        )
        self._add_constant(f"{out}.weights", whole)
        self._add_constant(f"{out}.scales", np.float32(self._steps.get(x, 1)) * scales.reshape(-1))
        zero = f"row.zero{self._range(x)[0]}"
        factors = [f"{x}.whole", f"{out}.weights", "row.one", f"{out}.scales", zero]
        if x in self._fixed:
            bias, total = self._biases.get(out, ("", out))
            yield _node("MatMulIntegerToFloat", [*factors, "", bias], total, domain="com.microsoft")
        else:
            yield _node("MatMulIntegerToFloat", factors, f"{out}.share", domain="com.microsoft")
            yield _node("Mul", [f"{out}.share", f"{x}.scale"], out)

    def _table_lookup(self, node: NodeProto, table: Floats) -> Iterator[NodeProto]:
        """Look up rows of an embedding table kept as int8 with a scale for each row: a quarter of the memory."""
        (_, rows), (out,) = node.input, node.output
        whole, scales = _quantised(table, _MAX_INT8, axis=1)
        self._add_constant(f"{out}.table", whole)
        self._add_constant(f"{out}.scales", scales)
        yield _node("Gather", [f"{out}.table", rows], f"{out}.whole")
        yield _node("Cast", [f"{out}.whole"], f"{out}.share", to=1)  # float
        yield _node("Gather", [f"{out}.scales", rows], f"{out}.scale")
        yield _node("Mul", [f"{out}.share", f"{out}.scale"], out)

    def _add_constant(self, name: str, value: NDArray[Any]) -> None:
        from onnx import numpy_helper  # noqa: PLC0415

        self._graph.initializer.append(numpy_helper.from_array(value, name))


def _node(kind: str, inputs: Sequence[str], output: str, **more: Any) -> NodeProto:  # noqa: ANN401 - onnx's own
    from onnx import helper  # noqa: PLC0415

    return helper.make_node(kind, inputs, [output], **more)


def _products(graph: GraphProto, matrices: Mapping[str, Floats]) -> Iterator[tuple[NodeProto, Floats]]:
    """Yield each node that multiplies by one of the constant `matrices`, with that matrix."""
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in matrices:
            yield node, matrices[node.input[1]]


def _matrices(graph: GraphProto) -> dict[str, Floats]:
    """Return the constants that are float matrices, by name."""
    from onnx import TensorProto, numpy_helper  # noqa: PLC0415

    return {
        tensor.name: np.asarray(numpy_helper.to_array(tensor), dtype=np.float32)
        for tensor in graph.initializer
        if len(tensor.dims) == 2 and tensor.data_type == TensorProto.FLOAT
    }


def _quantised(matrix: Floats, most: int, *, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Return `matrix` as integers of magnitude at most `most`, and its scales: the maximum along `axis` fixes each."""
    scales = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True), np.float32(_TINY)) / np.float32(most)
    return np.round(matrix / scales).astype(np.int8), scales
