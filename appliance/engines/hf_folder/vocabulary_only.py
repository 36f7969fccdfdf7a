"""The entry point of a vocabulary without a model: it counts the tokens of models hosted elsewhere.

It opens ``tokenizer.json`` and nothing else, whatever the model's family, and needs neither torch nor
transformers.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.shapes import ModelShapes
from appliance.engines.base import Embedder, EngineSpec, Runner, Vocabulary, unheard
from appliance.errors import ConfigInvalid, NotAvailable

_NO_SHAPES: Final = ModelShapes(0, 0, 0, 0, 0, 0, 0)
_NO_WEIGHTS: Final = "There are no weights to run: this model is hosted elsewhere."


class VocabularyPlugin:
    """Keeps the port of an engine's plugin, and opens no model."""

    def open_runner(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Runner:  # noqa: ARG002
        """Raises ``NotAvailable``."""
        raise NotAvailable(_NO_WEIGHTS)

    def open_embedder(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Embedder:  # noqa: ARG002
        """Raises ``NotAvailable``."""
        raise NotAvailable(_NO_WEIGHTS)

    def open_vocabulary(self, spec: EngineSpec) -> Vocabulary:
        """Raises ``IntegrityFailed`` for a file that is no tokenizer, ``ConfigInvalid`` without the extra."""
        if importlib.util.find_spec("tokenizers") is None:
            raise ConfigInvalid(
                "Counting with a tokenizer needs the package tokenizers: `bash packaging/install.sh "
                "--with-torch` installs it. Or take `tokenizer` out of the recipe; then tokens are estimated."
            )
        return _open(spec)

    def read_shapes(self, spec: EngineSpec) -> ModelShapes:  # noqa: ARG002 - an EnginePlugin
        """Nobody here knows them."""
        return _NO_SHAPES


def _open(spec: EngineSpec) -> Vocabulary:
    from appliance.engines.hf_folder.architecture import Architecture  # noqa: PLC0415 - loads the library
    from appliance.engines.hf_folder.files import CONFIG, TOKENIZER, ModelFiles  # noqa: PLC0415
    from appliance.engines.hf_folder.tokenizer_file import TokenizerFile, UnigramModel  # noqa: PLC0415
    from appliance.engines.hf_folder.vocabulary import TokenizerVocabulary  # noqa: PLC0415

    # Files of a model begin with its configuration; here it is named and never opened.
    beside = str(Path(spec.model_path).with_name(CONFIG))
    files = ModelFiles(msgspec.structs.replace(spec, model_path=beside, files=(CONFIG, TOKENIZER)))
    file = TokenizerFile(files)
    model = file.model
    numbers = range(len(model.vocab)) if isinstance(model, UnigramModel) else model.vocab.values()
    size = max([*numbers, *(one.id for one in file.added)], default=0) + 1
    ends = tuple(one.id for one in file.added if one.special)[:1] or (size - 1,)
    unknown = Architecture("", 0, 0, 0, 0, 0, 0, size, 0, tied=False, bos_tokens=(), eos_tokens=ends)
    return TokenizerVocabulary(file, unknown)


plugin = VocabularyPlugin()
