namespace Microtome.Language;

/// <summary>Gives the batches of a pretraining run. A batch depends on its number alone, so that a run that was killed goes on as if it had not been.</summary>
public interface ITextSource
{
    /// <summary>The batch of a step, all rows of all processes.</summary>
    TextBatch Training(long step);

    /// <summary>The texts that are held out, always the same.</summary>
    IEnumerable<TextBatch> HeldOut();
}
