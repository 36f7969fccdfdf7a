"""How busy this machine is: its processor and its memory, GPUs left out."""

import psutil


class HostLoad:
    """For one thread: the processor's share is that since the same thread asked last. Nothing here waits."""

    def processor_percent(self) -> float:
        """Of all cores, 0 to 100; 0 at the first call."""
        return float(psutil.cpu_percent(interval=None))

    def memory_used_bytes(self) -> int:
        """What is not available to new processes."""
        memory = psutil.virtual_memory()
        return int(memory.total) - int(memory.available)
