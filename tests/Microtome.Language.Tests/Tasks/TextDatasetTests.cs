namespace Microtome.Language.Tests;

public sealed class TextDatasetTests
{
    [Fact]
    public void Cola_WithoutALineOfNames_IsRead()
    {
        using var folder = new TemporaryFolder();
        var data = TextDataset.Read(folder.Write("train.tsv", "gj04\t1\t\tOur \"friends won't buy this.\ngj04\t0\t*\tThe more\r\n"), TextTask.Named("CoLA"));
        Assert.Equal([new TextExample("Our \"friends won't buy this.", null, 1), new TextExample("The more", null, 0)], data.Examples);
    }

    [Fact]
    public void Mrpc_WithByteOrderMark_IsRead()
    {
        using var folder = new TemporaryFolder();
        var data = TextDataset.Read(folder.Write("train.tsv", "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\tHe said \" no .\tNo , he said .\n"), TextTask.Named("mrpc"));
        Assert.Equal([new TextExample("He said \" no .", "No , he said .", 1)], data.Examples);
    }

    [Fact]
    public void Rte_LabelsHaveTheOrderOfThePublicModels_AndTestFilesHaveNone()
    {
        using var folder = new TemporaryFolder();
        var data = TextDataset.Read(folder.Write("train.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tnot_entailment\n1\tc\td\tentailment\n"), TextTask.Named("RTE"));
        Assert.Equal([1, 0], data.Examples.Select(static e => e.Label));
        Assert.Equal(-1, TextDataset.Read(folder.Write("test.tsv", "index\tsentence1\tsentence2\n0\ta\tb\n"), TextTask.Named("RTE")).Examples[0].Label);
    }

    [Fact]
    public void OwnTable_FindsItsLabels_AndScores()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("own.tsv", "note\tgrade\tsize\nductal\thigh\t2.5\nlobular\tlow\t-1e1\n");
        var grades = TextDataset.Read(path, new TextTask { Name = "own", First = "note", Label = "grade" });
        Assert.Equal(["high", "low"], grades.Labels);
        Assert.Equal([0, 1], grades.Examples.Select(static e => e.Label));
        var sizes = TextDataset.Read(path, new TextTask { Name = "own", First = "note", Label = "size", Labels = [] });
        Assert.Equal([2.5, -10], sizes.Examples.Select(static e => e.Score));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("index\tsentence1\tsentence2\tlabel\n", "has no rows")]
    [InlineData("index\tsentence2\tlabel\n0\ta\tentailment\n", "has no column 'sentence1'; its first line names index, sentence2, label")]
    [InlineData("index\tsentence1\tsentence2\tlabel\n0\ta\tb\n", "line 2: it has 3 cells, and 4 are expected")]
    [InlineData("index\tsentence1\tsentence2\tlabel\n\n0\ta\tb\tmaybe\n", "line 3: the label 'maybe' is none of entailment, not_entailment")]
    public void BadTable_SaysWhereAndWhy(string text, string message)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<TextException>(() => TextDataset.Read(folder.Write("train.tsv", text), TextTask.Named("rte")));
        Assert.Contains("train.tsv", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_TruncateTheLongerText_AndFillUp()
    {
        TextExample[] examples = [new("a b c d e f", "x y", 0), new("a", "x", 0)];
        var features = TextFeatures.Encode(Recorded.Bert, examples, 8);
        long Id(string token) => Recorded.Bert.Id(token)!.Value;

        Assert.Equal((2, 8), (features.Rows, features.Length));
        // [CLS] a b c [SEP] x y [SEP]
        Assert.Equal([101, Id("a"), Id("b"), Id("c"), 102, Id("x"), Id("y"), 102, 101, Id("a"), 102, Id("x"), 102, 0, 0, 0], features.Ids);
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0], features.Types);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], features.Mask);
        Assert.Equal(5, TextFeatures.Encode(Recorded.Bert, examples[1..], 8).Length);
        Assert.Contains("no room", Assert.Throws<TextException>(() => TextFeatures.Encode(Recorded.Bert, examples, 3)).Message, StringComparison.Ordinal);
    }
}
