namespace Microtome.Pathology.Tests;

/// <summary>Published and recorded tables and maps in the repository; NOTICE says where they are from.</summary>
internal static class Published
{
    public static string TumorTable => Path.Combine(Root, "tests", "Microtome.Pathology.Tests", "TumorTil", "Data", "tumor-TCGA-4H-AAAK-01Z-00-DX1.gz");

    public static string TilTable => Path.Combine(Root, "tests", "Microtome.Pathology.Tests", "TumorTil", "Data", "til-TCGA-4H-AAAK-01Z-00-DX1.gz");

    public static string Cohort => Path.Combine(Root, "samples", "tumor-til", "brca-survival.csv.gz");

    public static string Clusters => Path.Combine(Root, "tests", "Microtome.Pathology.Tests", "Clusters", "Data", "clusters.json");

    private static string Root { get; } = FindRoot();

    public static string Map(string patient) => Path.Combine(Root, "samples", "tumor-til", $"{patient}-01Z-00-DX1.png");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Microtome.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run inside the repository.");
    }
}
