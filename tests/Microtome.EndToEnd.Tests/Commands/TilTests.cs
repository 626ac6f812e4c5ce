using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class TilTests
{
    private static string Samples { get; } = Path.Combine(MicrotomeProgram.Root, "samples", "tumor-til");

    private static string Tables { get; } = Path.Combine(MicrotomeProgram.Root, "tests", "Microtome.Pathology.Tests", "TumorTil", "Data");

    private static string Tumor => Path.Combine(Tables, "tumor-TCGA-4H-AAAK-01Z-00-DX1.gz");

    private static string Til => Path.Combine(Tables, "til-TCGA-4H-AAAK-01Z-00-DX1.gz");

    [Fact]
    public void Align_ThePublishedTables_PrintsThePublishedRow_AndWritesPictures()
    {
        using var folder = new TemporaryFolder();

        var outcome = MicrotomeProgram.Run("til", "align", "--tumor", Tumor, "--til", Til, "--til-threshold", "0.1", "--json", "-o", folder["out"]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using var json = JsonDocument.Parse(outcome.Out);
        Assert.Equal(811048, json.RootElement.GetProperty("n_Canc_patch").GetDouble());
        Assert.Equal(20048, json.RootElement.GetProperty("n_TIL_patch").GetDouble());
        Assert.Equal(13566, json.RootElement.GetProperty("n_TIL_patch_overlap").GetDouble());
        foreach (string file in (string[])["combined.png", "classes.png", "overlay.png", "statistics.json"])
            Assert.True(new FileInfo(folder["out", file]).Length > 0, file);
        // What it wrote, it reads.
        Assert.Equal(0, MicrotomeProgram.Run("til", "stats", folder["out", "combined.png"]).ExitCode);
    }

    [Fact]
    public void Stats_OnTables_JoinsTheClinicalTable_AndKeepsSlidesWithoutMaps()
    {
        using var folder = new TemporaryFolder();
        foreach (string side in (string[])["tumor", "til"])
            Directory.CreateDirectory(folder[side]);
        File.Copy(Tumor, folder["tumor", "prediction-TCGA-4H-AAAK-01Z-00-DX1.gz"]);
        File.Copy(Til, folder["til", "prediction-TCGA-4H-AAAK-01Z-00-DX1.gz"]);
        File.WriteAllText(folder["tumor", "B.csv"], "minx,miny,width,height,prob_Tumor\n0,0,350,350,0\n350,0,350,350,0\n");
        File.WriteAllText(folder["til", "B.csv"], "minx,miny,width,height,prob_Lymphocytes\n0,0,200,200,1\n200,0,200,200,0\n");
        File.WriteAllText(folder["til", "alone.csv"], "minx,miny,width,height,prob_Lymphocytes\n0,0,200,200,1\n");
        File.WriteAllText(folder["clinical.csv"], "patient,age\nTCGA-4H-AAAK,50\nTCGA-00-0000,60\n");

        var outcome = MicrotomeProgram.Run("til", "stats", "--tumor", folder["tumor"], "--til", folder["til"], "--til-threshold", "0.1", "--clinical", folder["clinical.csv"], "--key", "patient", "-o", folder["table.csv"]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("alone has no tumor table", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(
            [
                "slideID,n_Canc_patch,n_TIL_patch,n_TIL_patch_overlap,percent_pos,patchRatio,scaled_PP,TIL_Class,n_unknown,percent_pos_known,age",
                "B,0,16,0,NA,1.75,NA,NA,0,NA,NA",
                "TCGA-4H-AAAK-01Z-00-DX1,811048,20048,13566,0.0167265069391701,1.74747474747475,NA,Low,0,0.0167265069391701,50",
                "alone,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA",
                "TCGA-00-0000,NA,NA,NA,NA,NA,NA,NA,NA,NA,60",
            ],
            File.ReadAllLines(folder["table.csv"]));
    }

    [Fact]
    public void Stats_WithOneBadMap_CountsTheOthers_Exit4()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bad.png"], "no picture");

        var outcome = MicrotomeProgram.Run("til", "stats", Path.Combine(Samples, "TCGA-4H-AAAK-01Z-00-DX1.png"), folder["bad.png"]);

        Assert.Equal(4, outcome.ExitCode);
        Assert.Contains("57752", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("bad.png", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Survival_OnThePublishedCohort_WritesThePage()
    {
        using var folder = new TemporaryFolder();

        var outcome = MicrotomeProgram.Run("til", "survival", Path.Combine(Samples, "brca-survival.csv.gz"), "--covariate", "Call", "-o", folder["out"]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("595 subjects, 83 events", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("hazard ratio 0.552 (0.319 to 0.954), p 0.033", outcome.Out, StringComparison.Ordinal);
        string page = File.ReadAllText(folder["out", "survival.html"]);
        Assert.Contains(File.ReadAllText(folder["out", "kaplan-meier.svg"]), page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "at most 1", "til align --tumor TUMOR --til TIL --til-threshold 1.5")]
    [InlineData(2, "--tumor DIR and --til DIR", "til stats")]
    [InlineData(2, "-o FILE.csv", "til stats --tumor DATA --til DATA")]
    [InlineData(2, "efron or breslow", "til survival COHORT --ties exact")]
    [InlineData(3, "does not exist", "til align --tumor TUMOR --til missing.csv")]
    [InlineData(3, "not a text file", "til align --tumor PICTURE --til TIL")]
    [InlineData(3, "no column 'days'", "til survival COHORT --time days")]
    [InlineData(3, "Call is 'Her2'", "til survival COHORT --score Call")]
    [InlineData(3, "different values", "til survival COHORT --group slideID")]
    [InlineData(3, "minx", "til align --tumor COHORT --til TIL")]
    public void WrongInput_IsExplained(int exit, string says, string line)
    {
        string[] words = [.. line.Split(' ').Select(static w => w switch
        {
            "TUMOR" => Tumor,
            "TIL" => Til,
            "DATA" => Tables,
            "COHORT" => Path.Combine(Samples, "brca-survival.csv.gz"),
            "PICTURE" => Path.Combine(Samples, "TCGA-4H-AAAK-01Z-00-DX1.png"),
            _ => w,
        })];

        var outcome = MicrotomeProgram.Run(words);

        Assert.Equal(exit, outcome.ExitCode);
        Assert.Empty(outcome.Out);
        Assert.InRange(outcome.ErrorLines.Length, 1, 2);
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
    }
}
