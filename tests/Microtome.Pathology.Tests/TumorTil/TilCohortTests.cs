namespace Microtome.Pathology.Tests;

public class TilCohortTests
{
    // The cohort that til_align ships: overlap and tumor counts of four slides, scaled_PP and class.
    private static readonly (string Slide, double Tumor, double Til, double Overlap, string Scaled, string Class)[] Shipped =
    [
        ("TCGA-4H-AAAK-01Z-00-DX1", 811048, 20048, 13566, "0.627427", "Low"),
        ("TCGA-3C-AALK-01Z-00-DX1", 229761, 31984, 4926, "0.804222", "Low"),
        ("TCGA-3C-AALJ-01Z-00-DX1", 812518, 49776, 17074, "0.788243", "Low"),
        ("TCGA-3C-AALI-01Z-00-DX1", 377692, 61248, 27524, "2.733579", "High"),
    ];

    [Fact]
    public void Table_OfTheShippedCohort_HasThePublishedColumns()
    {
        var clinical = CsvTable.Parse("c.csv", "patient,Stage\nTCGA-3C-AALI,II\nTCGA-ZZ-ZZZZ,\"I, early\"\n");

        var (text, without) = TilTable.Write([.. Shipped.Select(static s => (s.Slide, (TilStatistics?)Statistics(s.Tumor, s.Til, s.Overlap)))], clinical, "patient");

        var table = CsvTable.Parse("t.csv", text);
        Assert.Equal(1, without);
        for (int i = 0; i < Shipped.Length; i++)
        {
            Assert.Equal(Shipped[i].Slide, table.Rows[i][0]);
            Assert.Equal(Shipped[i].Scaled, Math.Round(double.Parse(table.Rows[i][table.Require("scaled_PP")]), 6).ToString("0.000000"));
            Assert.Equal(Shipped[i].Class, table.Rows[i][table.Require("TIL_Class")]);
        }

        Assert.Equal(["NA", "NA", "NA", "II", "I, early"], table.Rows.Select(r => r[table.Require("Stage")]));
        Assert.Equal("NA", table.Rows[4][table.Require("percent_pos")]);
    }

    [Fact]
    public void Cohort_WithSlidesWithoutTumor_LeavesThemOut()
    {
        var cohort = new TilCohort([0.1, null, 0.3, double.NaN]);

        Assert.Equal(2, cohort.Slides);
        Assert.Equal(0.2, cohort.Mean!.Value, 1e-12);
        Assert.Null(cohort.Class(null));
        Assert.Null(cohort.Scaled(null));
        Assert.Equal(TilClass.Low, cohort.Class(0.1));
        Assert.Equal(TilClass.High, cohort.Class(0.3));
    }

    [Fact]
    public void Cohort_OfOneSlide_HasNoScale() => Assert.Null(new TilCohort([0.1]).Scaled(0.1));

    private static TilStatistics Statistics(double tumor, double til, double overlap) => new()
    {
        TumorCells = tumor,
        TilCells = til,
        OverlapCells = overlap,
        UnknownCells = 0,
        PatchRatio = 1.75,
        Numerator = 7,
        Denominator = 4,
        TumorPatches = 0,
        TilPatches = 0,
    };
}
