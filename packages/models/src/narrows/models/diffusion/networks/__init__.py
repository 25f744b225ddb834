"""Networks of diffusion models; `narrows.models.diffusion.backbones` gives them one calling convention."""
