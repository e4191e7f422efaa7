from __future__ import annotations

import subprocess
import sys


def test_schedule_and_gates_load_nothing_heavy() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import kairos_service.schedule, kairos_service.blocking, kairos_service.machine\n"
        "print(*sys.modules)"
    )
    import kairos_service  # noqa: PLC0415 - to find its path

    place = kairos_service.__path__[0].removesuffix("/kairos_service")
    done = subprocess.run([sys.executable, "-c", program, place], check=True, capture_output=True, text=True)
    heavy = {"numpy", "faiss", "torch", "onnxruntime", "sentence_transformers", "tokenizers", "sqlalchemy"}
    assert not heavy & set(done.stdout.split())
