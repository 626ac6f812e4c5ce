using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>What an analysis tells the person who waits for it.</summary>
public interface IAnalysisLog
{
    /// <summary>One line.</summary>
    void Say(string line);

    /// <summary>Runs a walk and shows how far it is.</summary>
    TResult Watch<TResult>(string what, Func<IProgress<WalkProgress>, TResult> run);
}
