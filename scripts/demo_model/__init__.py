"""The parts of ``train_demo_model.py``, one step of the way from handbook to model files each."""
