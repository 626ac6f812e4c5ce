using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>A column of a cohort as covariate: numbers, or a factor with a reference level.</summary>
internal sealed class Covariate
{
    private const int MostLevels = 20;

    private readonly double[]? _numbers;
    private readonly int[] _levels;

    private Covariate(string name, double[]? numbers, string[] levelNames, int[] levels)
    {
        Name = name;
        _numbers = numbers;
        LevelNames = levelNames;
        _levels = levels;
    }

    public string Name { get; }

    /// <summary>Levels of a factor; the first is the reference. Empty for numbers.</summary>
    public string[] LevelNames { get; }

    public bool IsFactor => _numbers is null;

    public static Covariate Of(string name, double?[] numbers) => new(name, [.. numbers.Select(static n => n ?? double.NaN)], [], []);

    public static Covariate Of(string name, string[] levelNames, int[] levels) => new(name, null, levelNames, levels);

    /// <summary>Numbers if every known cell is one, else a factor; its reference is <paramref name="reference"/> or the most frequent level.</summary>
    public static Covariate Read(CsvTable table, string column, string? reference = null, bool factor = false)
    {
        int place = table.Require(column);
        string[] cells = [.. table.Rows.Select(r => r[place])];
        double?[] numbers = [.. cells.Select(static c => Number(c))];
        if (!factor && cells.Zip(numbers).All(static pair => pair.Second is not null || CsvTable.IsMissing(pair.First)))
            return Of(column, numbers);
        string[] names = [.. cells.Where(static c => !CsvTable.IsMissing(c)).GroupBy(static c => c, StringComparer.Ordinal)
            .OrderByDescending(g => g.Key == reference).ThenByDescending(static g => g.Count()).ThenBy(static g => g.Key, StringComparer.Ordinal).Select(static g => g.Key)];
        if (names.Length > MostLevels)
            throw new SlideException($"{table.Path}: '{column}' has {names.Length} different values and is no number ('{names[0]}', '{names[1]}', ...): it cannot be a covariate. Join its levels, at most {MostLevels}.");
        return new Covariate(column, null, names, [.. cells.Select(c => Array.IndexOf(names, c))]);
    }

    public static double? Number(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    public bool IsKnown(int row) => IsFactor ? _levels[row] >= 0 : !double.IsNaN(_numbers![row]);

    public int Level(int row) => _levels[row];

    public double Value(int row) => _numbers![row];

    /// <summary>The columns of the design for some rows: the numbers, or an indicator for each level but the reference that occurs.</summary>
    public IEnumerable<(string Name, double[] Values)> Design(int[] rows)
    {
        if (!IsFactor)
        {
            yield return (Name, [.. rows.Select(r => _numbers![r])]);
            yield break;
        }

        int[] present = [.. Enumerable.Range(0, LevelNames.Length).Where(l => rows.Any(r => _levels[r] == l))];
        foreach (int level in present.Skip(1))
            yield return ($"{Name}: {LevelNames[level]} vs {LevelNames[present[0]]}", [.. rows.Select(r => _levels[r] == level ? 1.0 : 0.0)]);
    }
}
