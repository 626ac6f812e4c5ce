namespace Microtome.Pathology.Tests;

public class TumorTilExperimentTests
{
    [Fact]
    public void Alignment_FindsTheKnownInfiltration_AndOtherMethodsDoNot()
    {
        var rows = TumorTilExperiment.Alignment(12, seed: 5);

        Assert.All(rows.Take(3), static r => Assert.InRange(r.Error.Value, 0, 0.012));
        Assert.InRange(rows[0].ShiftedError.Value, 0, rows[1].ShiftedError.Value);
        Assert.True(rows[3].Error.Value > 0.05, "index overlay");
        Assert.Equal(rows.Select(static r => r.Error), TumorTilExperiment.Alignment(12, seed: 5).Select(static r => r.Error));
    }
}
