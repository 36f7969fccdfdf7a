"""What stands in a rank's model where a matrix is cut and the other ranks' share is needed."""

from torch import Tensor, nn
from torch.nn.functional import embedding

from appliance.engines.torch.ranks.parts import Part


class SummedLinear(nn.Module):
    """A matrix of which each rank has some inputs. The bias, which every rank has, is added once."""

    def __init__(self, whole: nn.Linear, part: Part) -> None:
        super().__init__()
        start, stop = part.bounds(whole.in_features)
        self.part = nn.Linear(stop - start, whole.out_features, bias=False, device="meta")
        self.bias = whole.bias
        self._link = part.link

    def forward(self, inputs: Tensor) -> Tensor:
        """This rank's inputs to the outputs of all."""
        outputs = self._link.sum(self.part(inputs).contiguous())
        return outputs if self.bias is None else outputs + self.bias


class SummedEmbedding(nn.Embedding):
    """Embeddings of which each rank has those of some tokens."""

    def __init__(self, whole: nn.Embedding, part: Part) -> None:
        start, stop = part.bounds(whole.num_embeddings)
        super().__init__(stop - start, whole.embedding_dim, device="meta")
        self._first = start
        self._link = part.link

    def forward(self, tokens: Tensor) -> Tensor:
        """Of any token: zero for those of other ranks, and then the sum."""
        places = tokens - self._first
        elsewhere = (places < 0) | (places >= self.num_embeddings)
        found = embedding(places.masked_fill(elsewhere, 0), self.weight)
        return self._link.sum(found.masked_fill(elsewhere[..., None], 0))
