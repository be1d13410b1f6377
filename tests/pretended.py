"""What stands in for a training of readers, which would take minutes."""


def instead_of_training(monkeypatch, module, answer):
    """Let an experiment be told its histories by a function of all that it asks for."""

    class Pretended:
        def __init__(self, reader, optimizer, seeds, **options):
            self.asked, self.options = (reader, optimizer, seeds), options

        def run(self, problem, steps, **options):
            reader, optimizer, seeds = self.asked
            return answer(reader, problem, optimizer, seeds, steps=steps, **self.options, **options)

    monkeypatch.setattr(module, "SequenceTraining", Pretended)
