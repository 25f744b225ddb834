"""What is going to happen is said before it does: losses, parts, steps."""

from support.training_cases import experiment_config, model_config

from narrows.models import create_model_from_config
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.plan import describe

ADVERSARY = {
    "type": "encodec",
    "config": {"filters": 2, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [64]},
    "weights": {"adversarial": 0.1, "feature_matching": 5.0},
}


def plan(steps, **training):
    config = model_config({"type": "vae"}, **training)
    config["training"]["loss_configs"]["discriminator"] = ADVERSARY
    return describe(create_training_wrapper_from_config(config, create_model_from_config(config)), steps)


def test_phases_losses_and_frozen_parts_are_named():
    text = plan(100, warmup_steps=40, warmup_mode="full", encoder_freeze_on_warmup=True)
    first, second = text.split("Steps 1 to 40:")[1].split("Steps 41 to 100:")
    assert "discriminator: not trained yet, adversarial loss off" in first
    assert "loss_adv" not in first
    assert "encoder frozen" not in first
    assert "discriminator: trained" in second
    assert "encoder frozen: loss_adv x 0.1, feature_matching_loss x 5" in second
    assert "kl_loss x" in second


def test_a_switch_beyond_the_end_is_none():
    assert "Steps 1 to 30:" in plan(30, warmup_steps=40)
    assert "Steps 31" not in plan(30, warmup_steps=40)


def test_it_is_printed_at_the_start(clips, tmp_path, capsys):
    train(experiment_config(clips, tmp_path, model_config({"type": "vae"}), steps=1))
    said = capsys.readouterr().err
    assert said.index("Steps 1 to 1:") < said.index("Validation at step 0")
    assert "parameters are trained, 0 are frozen" in said
