using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// Survival of a cohort by infiltration (section 3.4 of the method): curves and log-rank of the groups, Cox models of the class, of the scaled score, of the score with each
/// covariate and with all, and whether factors go with the groups or with the score. Every model uses the rows that are complete for it.
/// </summary>
public sealed class SurvivalStudy
{
    private const int MostGroups = 8;

    private readonly CsvTable _table;
    private readonly SurvivalStudyOptions _options;
    private readonly List<string> _notes = [];
    private readonly double[] _times;
    private readonly bool[] _events;
    private readonly bool[] _known;

    private SurvivalStudy(CsvTable table, SurvivalStudyOptions options)
    {
        _table = table;
        _options = options;
        int rows = table.Rows.Count;
        _times = new double[rows];
        _events = new bool[rows];
        _known = new bool[rows];
        ReadOutcome();

        double?[]? scores = options.ScoreColumn is null ? null : ReadScores(options.ScoreColumn);
        var cohort = scores is null ? null : new TilCohort(scores);
        if (options.PatientColumn is { } patient)
            KeepOneRowEach(_table.Require(patient), scores);
        else
            NotePatients();
        Covariate group = ReadGroups(scores, cohort);
        var factors = options.Covariates.Select(c => Covariate.Read(table, c)).ToArray();
        GroupName = options.GroupColumn is null ? $"{ClassName}, Low or High: {options.ScoreColumn} up to or above the cohort's mean {cohort!.Mean:0.####}" : group.Name;
        (Groups, LogRank) = Compare(group);

        var models = new List<SurvivalModel> { Model(group.Name, group) };
        if (scores is not null && cohort is not null)
        {
            var scaled = Covariate.Of($"{options.ScoreColumn} per standard deviation", [.. scores.Select(s => cohort.Scaled(s))]);
            models.Add(Model("score", scaled));
            models.AddRange(factors.Select(f => Model($"score and {f.Name}", scaled, f)));
            if (factors.Length > 1)
                models.Add(Model("score and all covariates", [scaled, .. factors]));
        }
        else if (factors.Length > 0)
        {
            models.Add(Model($"{group.Name} and all covariates", [group, .. factors]));
        }

        Models = models;
        Factors = [.. factors.Where(static f => f.IsFactor).Select(f => Relate(f, group, scores))];
        Notes = [.. _notes, .. models.Where(static m => m.Fit is not null).SelectMany(static m => m.Fit!.Warnings.Select(w => $"Model '{m.Name}': {w}")), .. models.Where(static m => m.Problem is not null).Select(static m => $"Model '{m.Name}' could not be fitted: {m.Problem}")];
    }

    /// <summary>Subjects with time, event and group.</summary>
    public int Subjects => Groups.Sum(static g => g.Subjects);

    /// <summary>Their events.</summary>
    public int Events => Groups.Sum(static g => g.Events);

    /// <summary>What the groups are made from.</summary>
    public string GroupName { get; }

    /// <summary>The groups.</summary>
    public IReadOnlyList<SurvivalGroup> Groups { get; }

    /// <summary>Log-rank test of the groups; null when only one has subjects.</summary>
    public TestResult? LogRank { get; }

    /// <summary>Cox models.</summary>
    public IReadOnlyList<SurvivalModel> Models { get; }

    /// <summary>Factors against groups and score.</summary>
    public IReadOnlyList<SurvivalFactor> Factors { get; }

    /// <summary>Rows left out and why, and what to know before relying on a number.</summary>
    public IReadOnlyList<string> Notes { get; }

    private string ClassName => _options.ScoreColumn == new SurvivalStudyOptions().ScoreColumn ? "TIL class" : $"{_options.ScoreColumn} class";

    /// <summary>Studies a cohort.</summary>
    /// <exception cref="SlideException">A column is missing or a cell has no meaning.</exception>
    /// <exception cref="SurvivalException">Nobody is left or nobody has the event.</exception>
    public static SurvivalStudy Run(CsvTable table, SurvivalStudyOptions options) => new(table, options);

    private void ReadOutcome()
    {
        int time = _table.Require(_options.TimeColumn), happened = _table.Require(_options.EventColumn), left = 0;
        var before = new List<int>();
        for (int r = 0; r < _times.Length; r++)
        {
            string t = _table.Rows[r][time], e = _table.Rows[r][happened];
            if (CsvTable.IsMissing(t) || CsvTable.IsMissing(e))
            {
                left++;
                continue;
            }

            _times[r] = Covariate.Number(t) ?? throw new SlideException($"{_table.Path}, line {_table.Line(r)}: {_options.TimeColumn} is '{t}', no number. Write NA if it is not known.");
            _events[r] = Event(e) ?? throw new SlideException($"{_table.Path}, line {_table.Line(r)}: {_options.EventColumn} is '{e}'. Write 1 for an event, 0 for censored, NA if it is not known.");
            // Registries hold a few: last contact dated before the diagnosis. They must not stop the study, nor pass unseen.
            _known[r] = _times[r] >= 0;
            if (_times[r] < 0)
                before.Add(_table.Line(r));
        }

        if (before.Count > 0)
            _notes.Add($"Rows with a negative {_options.TimeColumn}, which no time can be, are left out: line{(before.Count > 1 ? "s" : string.Empty)} {string.Join(", ", before.Take(10))}{(before.Count > 10 ? ", ..." : string.Empty)}.");

        if (left > 0)
            _notes.Add($"Rows without {_options.TimeColumn} or {_options.EventColumn} are left out: {left} of {_times.Length}.");
        if (!_known.Contains(true))
            throw new SurvivalException($"{_table.Path}: no row has both {_options.TimeColumn} and {_options.EventColumn}.");
        if (!_events.Contains(true))
            throw new SurvivalException($"{_table.Path}: nobody has the event. {_options.EventColumn} must be 1 where it happened and 0 where the time is censored.");
    }

    private void KeepOneRowEach(int patient, double?[]? scores)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int left = 0;
        for (int r = 0; r < _known.Length; r++)
        {
            string name = _table.Rows[r][patient];
            if (!_known[r] || (scores is not null && scores[r] is null) || CsvTable.IsMissing(name) || seen.Add(name))
                continue;
            _known[r] = false;
            left++;
        }

        if (left > 0)
            _notes.Add($"Further rows of the same patients ('{_table.Columns[patient]}') are left out: {left}.");
    }

    // Several slides of one patient are no independent subjects. TCGA's names begin with project, site and patient.
    private void NotePatients()
    {
        foreach (string column in (string[])["slideID", "bcr_patient_barcode", "Patient ID"])
        {
            int place = _table.Find(column);
            if (place < 0)
                continue;
            int repeated = _table.Rows.Where((row, r) => _known[r] && row[place].StartsWith("TCGA-", StringComparison.Ordinal))
                .GroupBy(row => string.Join('-', row[place].Split('-').Take(3)), StringComparer.Ordinal).Count(static g => g.Count() > 1);
            if (repeated > 0)
                _notes.Add($"Patients with several rows in '{column}': {repeated}. Each row counts as a patient, so intervals are too narrow; give --patient COLUMN to keep one row of each.");
            return;
        }
    }

    // cBioPortal writes 0:LIVING and 1:DECEASED.
    private static bool? Event(string cell)
    {
        string code = cell.Contains(':') ? cell[..cell.IndexOf(':')] : cell;
        return code.ToUpperInvariant() switch
        {
            "1" or "1.0" or "TRUE" => true,
            "0" or "0.0" or "FALSE" => false,
            _ => null,
        };
    }

    private double?[] ReadScores(string column)
    {
        int place = _table.Require(column);
        double?[] scores = new double?[_times.Length];
        for (int r = 0; r < scores.Length; r++)
        {
            string cell = _table.Rows[r][place];
            if (!CsvTable.IsMissing(cell))
                scores[r] = Covariate.Number(cell) ?? throw new SlideException($"{_table.Path}, line {_table.Line(r)}: {column} is '{cell}', no number. Write NA if it is not known.");
        }

        return scores;
    }

    private Covariate ReadGroups(double?[]? scores, TilCohort? cohort)
    {
        if (_options.GroupColumn is { } column)
        {
            // Low is what High is compared with.
            var group = Covariate.Read(_table, column, reference: nameof(TilClass.Low), factor: true);
            return group.LevelNames.Length is >= 2 and <= MostGroups
                ? group
                : throw new SlideException($"{_table.Path}: '{column}' has {group.LevelNames.Length} different values; curves are drawn for 2 to {MostGroups} groups. For a number use --score.");
        }

        if (scores is null || cohort is null)
            throw new UsageException("A study needs a score or a group column: give --score COLUMN or --group COLUMN.");
        if (cohort.StandardDeviation is not > 0)
            throw new SurvivalException($"{_table.Path}: {_options.ScoreColumn} is known for {cohort.Slides} rows and does not vary: there are no groups to compare.");
        return Covariate.Of(ClassName, ["Low", "High"], [.. scores.Select(s => (int?)cohort.Class(s) ?? -1)]);
    }

    private (IReadOnlyList<SurvivalGroup> Groups, TestResult? LogRank) Compare(Covariate group)
    {
        int[] rows = Complete(group);
        if (_known.Count(static k => k) - rows.Length is > 0 and var left)
            _notes.Add($"Rows with a known outcome, but without a value for the groups, are left out: {left}.");
        int[] present = [.. Enumerable.Range(0, group.LevelNames.Length).Where(l => rows.Any(r => group.Level(r) == l))];
        if (present.Length == 0)
            throw new SurvivalException($"{_table.Path}: no row has an outcome and a value for the groups.");
        int[] groups = [.. rows.Select(r => Array.IndexOf(present, group.Level(r)))];
        var data = Data(rows);
        // Without an event there is no difference to test.
        var test = present.Length > 1 && data.EventCount > 0 ? new LogRankTest(data, groups, present.Length) : null;
        var list = new List<SurvivalGroup>();
        for (int g = 0; g < present.Length; g++)
        {
            var members = data.Where(i => groups[i] == g);
            list.Add(new SurvivalGroup(group.LevelNames[present[g]], members.Count, members.EventCount, test?.Expected[g] ?? members.EventCount, new KaplanMeier(members)));
        }

        return (list, test?.Result);
    }

    private SurvivalModel Model(string name, params Covariate[] covariates)
    {
        int[] rows = Complete(covariates);
        var design = covariates.SelectMany(c => c.Design(rows)).ToArray();
        try
        {
            if (rows.Length == 0 || design.Length == 0)
                throw new SurvivalException("No rows with two different values are complete for it.");
            return new SurvivalModel(name, CoxRegression.Fit(Data(rows), [.. design.Select(static d => d.Name)], [.. design.Select(static d => d.Values)], _options.Ties), null);
        }
        catch (SurvivalException e)
        {
            return new SurvivalModel(name, null, e.Message);
        }
    }

    private SurvivalFactor Relate(Covariate factor, Covariate group, double?[]? scores)
    {
        int[] both = [.. Enumerable.Range(0, _times.Length).Where(r => factor.IsKnown(r) && group.IsKnown(r))];
        int[] scored = scores is null ? [] : [.. Enumerable.Range(0, _times.Length).Where(r => factor.IsKnown(r) && scores[r] is not null)];
        double[] values = [.. scored.Select(r => scores![r]!.Value)];
        int[] levels = [.. scored.Select(factor.Level)];
        return new SurvivalFactor(
            factor.Name,
            FactorTests.ChiSquare([.. both.Select(factor.Level)], [.. both.Select(group.Level)]),
            scored.Length == 0 ? null : FactorTests.KruskalWallis(values, levels),
            scored.Length == 0 ? null : FactorTests.Anova(values, levels));
    }

    private int[] Complete(params Covariate[] covariates) =>
        [.. Enumerable.Range(0, _times.Length).Where(r => _known[r] && covariates.All(c => c.IsKnown(r)))];

    private SurvivalData Data(int[] rows) => new([.. rows.Select(r => _times[r])], [.. rows.Select(r => _events[r])]);
}
