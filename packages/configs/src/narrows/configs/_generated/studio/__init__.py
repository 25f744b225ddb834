# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answer import RatingsAdditionalProperty, StudioAnswer
if TYPE_CHECKING:
    from .comparison import StudioComparison, StudioVersion
if TYPE_CHECKING:
    from .comparison_request import StudioComparisonRequest, StudioVersionRequest
if TYPE_CHECKING:
    from .failure import StudioFailure
if TYPE_CHECKING:
    from .generation import StudioGeneration
if TYPE_CHECKING:
    from .generation_request import StudioGenerationRequest
if TYPE_CHECKING:
    from .job import StudioJob
if TYPE_CHECKING:
    from .listener import StudioListener
if TYPE_CHECKING:
    from .listening_test import StudioListeningTest
if TYPE_CHECKING:
    from .listening_test_request import (
        StudioListeningTestRequest,
        StudioTestItem,
        StudioTestVersion,
    )
if TYPE_CHECKING:
    from .model import StudioField, StudioForm, StudioModel
if TYPE_CHECKING:
    from .results import StudioListenerResult, StudioResults, StudioVersionResult
if TYPE_CHECKING:
    from .run import StudioDemo, StudioRun
if TYPE_CHECKING:
    from .run_metrics import StudioRunMetrics
if TYPE_CHECKING:
    from .session import StudioSession
if TYPE_CHECKING:
    from .sound import StudioSound
if TYPE_CHECKING:
    from .sound_file import StudioSoundFile
if TYPE_CHECKING:
    from .status import StudioStatus
if TYPE_CHECKING:
    from .trial import StudioTrial

__all__ = [
    "RatingsAdditionalProperty",
    "StudioAnswer",
    "StudioComparison",
    "StudioComparisonRequest",
    "StudioDemo",
    "StudioFailure",
    "StudioField",
    "StudioForm",
    "StudioGeneration",
    "StudioGenerationRequest",
    "StudioJob",
    "StudioListener",
    "StudioListenerResult",
    "StudioListeningTest",
    "StudioListeningTestRequest",
    "StudioModel",
    "StudioResults",
    "StudioRun",
    "StudioRunMetrics",
    "StudioSession",
    "StudioSound",
    "StudioSoundFile",
    "StudioStatus",
    "StudioTestItem",
    "StudioTestVersion",
    "StudioTrial",
    "StudioVersion",
    "StudioVersionRequest",
    "StudioVersionResult",
]

_PLACES = {
    'RatingsAdditionalProperty': 'answer',
    'StudioAnswer': 'answer',
    'StudioComparison': 'comparison',
    'StudioVersion': 'comparison',
    'StudioComparisonRequest': 'comparison_request',
    'StudioVersionRequest': 'comparison_request',
    'StudioFailure': 'failure',
    'StudioGeneration': 'generation',
    'StudioGenerationRequest': 'generation_request',
    'StudioJob': 'job',
    'StudioListener': 'listener',
    'StudioListeningTest': 'listening_test',
    'StudioListeningTestRequest': 'listening_test_request',
    'StudioTestItem': 'listening_test_request',
    'StudioTestVersion': 'listening_test_request',
    'StudioField': 'model',
    'StudioForm': 'model',
    'StudioModel': 'model',
    'StudioListenerResult': 'results',
    'StudioResults': 'results',
    'StudioVersionResult': 'results',
    'StudioDemo': 'run',
    'StudioRun': 'run',
    'StudioRunMetrics': 'run_metrics',
    'StudioSession': 'session',
    'StudioSound': 'sound',
    'StudioSoundFile': 'sound_file',
    'StudioStatus': 'status',
    'StudioTrial': 'trial',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

