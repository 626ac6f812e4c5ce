using Microtome.Learning;

namespace Microtome.Pathology.Tests;

internal sealed class SilentLog : IAnalysisLog, IProgress<WalkProgress>
{
    public List<string> Lines { get; } = [];

    public void Say(string line) => Lines.Add(line);

    public TResult Watch<TResult>(string what, Func<IProgress<WalkProgress>, TResult> run) => run(this);

    public void Report(WalkProgress value)
    {
    }
}
