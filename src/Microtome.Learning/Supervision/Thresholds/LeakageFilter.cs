namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>Keeps patches of tested slides, and of other slides of their patients, out of the training set: teacher maps exist for test slides too (til-thresholds, trap 5).</summary>
public sealed class LeakageFilter
{
    private const string Tcga = "TCGA-";
    private const int TcgaPatient = 12;

    private readonly HashSet<string> slides = new(StringComparer.Ordinal);
    private readonly HashSet<string> patients = new(StringComparer.Ordinal);

    /// <summary>Makes the filter.</summary>
    /// <param name="tested">Slide and patient of everything that is tested; the patient may be empty.</param>
    public LeakageFilter(IEnumerable<(string Slide, string Patient)> tested)
    {
        foreach (var (slide, patient) in tested)
        {
            slides.Add(Stem(slide));
            patients.Add(PatientOf(slide, patient));
        }
    }

    /// <summary>Slides that are tested.</summary>
    public int Slides => slides.Count;

    /// <summary>The patient: the stated one; else the first 12 characters of a TCGA name; else every slide is a patient of its own.</summary>
    public static string PatientOf(string slide, string? stated) =>
        !string.IsNullOrEmpty(stated) ? stated.StartsWith(Tcga, StringComparison.Ordinal) && stated.Length > TcgaPatient ? stated[..TcgaPatient] : stated
        : slide.StartsWith(Tcga, StringComparison.Ordinal) && slide.Length >= TcgaPatient ? slide[..TcgaPatient] : slide;

    // Some names carry an identifier behind a dot, others do not: to be left out, what stands before it is enough.
    private static string Stem(string slide) => slide.Split('.')[0];

    /// <summary>Whether a patch must not be trained from, by its slide, its patient or the patient that its slide's name holds.</summary>
    public bool Blocks(SuperPatch patch) =>
        slides.Contains(Stem(patch.Slide)) || patients.Contains(PatientOf(patch.Slide, patch.Patient)) || patients.Contains(PatientOf(patch.Slide, null));
}
