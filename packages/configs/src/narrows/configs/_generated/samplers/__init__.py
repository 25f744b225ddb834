# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flow import FlowSamplerConfig
if TYPE_CHECKING:
    from .k_diffusion import KDiffusionSamplerConfig
if TYPE_CHECKING:
    from .k_dpm_adaptive import KDPMAdaptiveSamplerConfig
if TYPE_CHECKING:
    from .k_dpm_fast import KDPMFastSamplerConfig
if TYPE_CHECKING:
    from .k_sde import KSDESamplerConfig
if TYPE_CHECKING:
    from .v_ddim import VDDIMSamplerConfig

__all__ = [
    "FlowSamplerConfig",
    "KDPMAdaptiveSamplerConfig",
    "KDPMFastSamplerConfig",
    "KDiffusionSamplerConfig",
    "KSDESamplerConfig",
    "VDDIMSamplerConfig",
]

_PLACES = {
    'FlowSamplerConfig': 'flow',
    'KDiffusionSamplerConfig': 'k_diffusion',
    'KDPMAdaptiveSamplerConfig': 'k_dpm_adaptive',
    'KDPMFastSamplerConfig': 'k_dpm_fast',
    'KSDESamplerConfig': 'k_sde',
    'VDDIMSamplerConfig': 'v_ddim',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

