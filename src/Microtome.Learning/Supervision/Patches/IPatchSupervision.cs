namespace Microtome.Learning.Supervision.Patches;

/// <summary>Turns the labels that exist into batches of labelled patches. Neither the network nor the trainer knows where the labels came from.</summary>
public interface IPatchSupervision
{
    /// <summary>One line on what is trained from, for logs and the model card.</summary>
    string Description { get; }

    /// <summary>Draws the batch of a step; depends on the step and the seed alone. May be called from several threads at once.</summary>
    PatchBatch Draw(long step);

    /// <summary>Everything that the batches depend on, as text: a run goes on only with the same.</summary>
    string Fingerprint { get; }
}
