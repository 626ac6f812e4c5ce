using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Probabilities on the grid of a slide's patches. Cells without a patch are <see cref="float.NaN"/>: unknown, which is not the same as negative.</summary>
/// <param name="Columns">The grid along x.</param>
/// <param name="Rows">The grid along y.</param>
/// <param name="Values">Probability of each cell, or NaN.</param>
public sealed record PatchMap(PatchAxis Columns, PatchAxis Rows, Raster<float> Values)
{
    private const long MostCells = 1L << 28;

    /// <summary>Cells that hold a patch.</summary>
    public int Known => Values.Samples.Count(static v => !float.IsNaN(v));

    /// <summary>Lays one class of a table on its grid.</summary>
    /// <exception cref="SlideException">The table holds no patch, the patches lie on no grid, or two lie on one cell.</exception>
    public static PatchMap From(PatchTable table, int classIndex) => From(table, patch => (float)table.Probabilities[(patch * table.Classes.Count) + classIndex]);

    /// <summary>Lays any number per patch on the grid of a table.</summary>
    /// <exception cref="SlideException">The table holds no patch, the patches lie on no grid, or two lie on one cell.</exception>
    public static PatchMap From(PatchTable table, Func<int, float> value)
    {
        if (table.Count == 0)
            throw new SlideException($"{table.Path} holds no patch: no tissue was found on the slide, or the run was cut off. There is no map to make.");
        // A single row or column of patches says nothing of its own step: the other axis does.
        bool oneColumn = table.CentreX.Distinct().Take(2).Count() < 2;
        PatchAxis columns, rows;
        int[] x, y;
        if (oneColumn)
        {
            rows = PatchAxis.Find(table.Path, "y", table.CentreY, table.PatchHeight, null, out y);
            columns = PatchAxis.Find(table.Path, "x", table.CentreX, table.PatchWidth, rows.Step, out x);
        }
        else
        {
            columns = PatchAxis.Find(table.Path, "x", table.CentreX, table.PatchWidth, null, out x);
            rows = PatchAxis.Find(table.Path, "y", table.CentreY, table.PatchHeight, columns.Step, out y);
        }

        if ((long)columns.Count * rows.Count > MostCells)
            throw new SlideException($"{table.Path}: a grid of {columns.Count} x {rows.Count} patches is no slide. Are the columns in order?");
        var values = new Raster<float>(columns.Count, rows.Count);
        Array.Fill(values.Samples, float.NaN);
        for (int i = 0; i < table.Count; i++)
        {
            ref float cell = ref values[x[i], y[i]];
            if (!float.IsNaN(cell))
                throw new SlideException($"{table.Path}: two patches lie on the cell around x = {table.CentreX[i]:0.#}, y = {table.CentreY[i]:0.#}. Two runs in one file?");
            cell = value(i);
        }

        return new PatchMap(columns, rows, values);
    }
}
