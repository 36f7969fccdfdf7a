"""Files that people send, and that batches write for them: whose they are, how much, how long."""

from appliance.services.files.files import FileService
from appliance.services.files.limits import FileLimits
from appliance.services.files.ports import Draft, Files, Shelf
from appliance.services.files.upload import Upload

__all__ = ["Draft", "FileLimits", "FileService", "Files", "Shelf", "Upload"]
