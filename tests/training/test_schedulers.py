import pytest
import torch
from support.goldens import golden_ids, load_golden

from narrows.configs import ConfigError, load_config
from narrows.training import InverseLR, create_optimizer_from_config, create_scheduler_from_config

CONFIGS = {
    "InverseLR": {"warmup": 0.9, "inv_gamma": 10},
    "ConstantLR": {"factor": 0.5},
    "LinearLR": {"start_factor": 0.1, "total_iters": 8},
    "ExponentialLR": {"gamma": 0.9},
    "StepLR": {"step_size": 3},
    "MultiStepLR": {"milestones": [2, 7]},
    "PolynomialLR": {"total_iters": 8, "power": 2},
    "CosineAnnealingLR": {"T_max": 8},
    "CosineAnnealingWarmRestarts": {"T_0": 3},
    "CyclicLR": {"base_lr": 1e-4, "max_lr": 1e-2, "step_size_up": 3},
    "OneCycleLR": {"max_lr": 1e-2, "total_steps": 20},
    "SequentialLR": {
        "schedulers": [{"type": "LinearLR"}, {"type": "CosineAnnealingLR", "config": {"T_max": 8}}],
        "milestones": [3],
    },
    "ChainedScheduler": {"schedulers": [{"type": "LinearLR"}, {"type": "ExponentialLR", "config": {"gamma": 0.9}}]},
}


def optimizer(rate=1e-3):
    config = {"type": "AdamW", "config": {"lr": rate}}
    return create_optimizer_from_config(config, [torch.nn.Parameter(torch.ones(2))])


def rates(opt, scheduler, count):
    seen = []
    for _ in range(count):
        seen.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return seen


@pytest.mark.parametrize("case", golden_ids("loss", "inverse_lr"))
def test_inverse_lr_is_the_references(case):
    golden = load_golden("loss", case)
    for name, schedule in golden.meta["config"]["schedules"].items():
        opt = optimizer(schedule["lr"])
        scheduler = create_scheduler_from_config({"type": "InverseLR", "config": schedule["config"]}, opt)
        golden.assert_close(name, torch.tensor(rates(opt, scheduler, 200)))


def test_every_schedule_of_the_schemas_is_tested():
    from narrows.configs._families import FAMILIES

    assert set(CONFIGS) == set(FAMILIES["scheduler"].tags)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_schedule_goes_on_exactly_from_its_state(name, tmp_path):
    config = {"type": name, "config": CONFIGS[name]}
    opt = optimizer()
    scheduler = create_scheduler_from_config(config, opt)
    rates(opt, scheduler, 5)
    torch.save([opt.state_dict(), scheduler.state_dict()], tmp_path / "state")
    expected = rates(opt, scheduler, 6)

    other = optimizer()
    resumed = create_scheduler_from_config(config, other)
    state = torch.load(tmp_path / "state", weights_only=True)
    other.load_state_dict(state[0])
    resumed.load_state_dict(state[1])
    assert rates(other, resumed, 6) == expected
    assert len(set(expected)) > 1 or name == "ConstantLR"


@pytest.mark.parametrize("arguments", [{"warmup": 1.0}, {"warmup": -0.1}, {"inv_gamma": 0}])
def test_inverse_lr_refuses_what_it_cannot_do(arguments):
    with pytest.raises(ValueError, match=r"warmup|inv_gamma"):
        InverseLR(optimizer(), **arguments)
    with pytest.raises(ConfigError):
        load_config({"type": "InverseLR", "config": arguments}, "scheduler")
