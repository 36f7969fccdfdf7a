"""What a worker opens: the engine that its model needs."""

from collections.abc import Callable

from appliance.engines.base import BringsEngine, Engine, EnginePlugin, EngineSpec


def open_engine(plugin: EnginePlugin, spec: EngineSpec, on_progress: Callable[[float], None]) -> Engine:
    """The plugin's own engine where it brings one, else ours over its runner or embedder. Raises
    ``CarrelError``.
    """
    if isinstance(plugin, BringsEngine):
        return plugin.open_engine(spec, on_progress)
    if spec.pooling:
        from appliance.engines.embedding import EmbeddingEngine  # noqa: PLC0415 - each worker needs one of them

        return EmbeddingEngine(plugin.open_embedder(spec, on_progress))
    return _scheduler(plugin, spec, on_progress)


def _scheduler(plugin: EnginePlugin, spec: EngineSpec, on_progress: Callable[[float], None]) -> Engine:
    from appliance.engines.grammars.matching import GrammarMatchers  # noqa: PLC0415 - loads the mask library
    from appliance.engines.scheduler import Scheduler  # noqa: PLC0415

    runner = plugin.open_runner(spec, on_progress)
    # Now, because it takes a second with a large vocabulary, for which later every stream would wait.
    constraints = GrammarMatchers(runner, size=runner.facts.vocabulary, end_tokens=runner.end_tokens)
    return Scheduler(runner, constraints=constraints)
