namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>Kronecker product.</summary>
    public static Tensor kron(Tensor input, Tensor other) => Operator.Tensor("kron", input, other);
    public static Tensor atanh(Tensor input) => Operator.Tensor("atanh", input);
    public static Tensor trace(Tensor input) => input.trace();

    /// <summary>True where an element is among <paramref name="test_elements"/>.</summary>
    public static Tensor isin(Tensor elements, Tensor test_elements, bool assume_unique = false, bool invert = false) =>
        Operator.Tensor("isin.Tensor_Tensor", elements, test_elements, assume_unique, invert);

    public partial class Tensor
    {
        public Tensor trace() => Operator.Tensor("trace", this);
    }

    /// <summary>Linear algebra on the last two dimensions; the ones before are batches.</summary>
    public static class linalg
    {
        public static Tensor inv(Tensor input) => Operator.Tensor("linalg_inv", input);
        public static Tensor pinv(Tensor input, double rcond = 1e-15, bool hermitian = false) => Operator.Tensor("linalg_pinv", input, rcond, hermitian);
        public static Tensor det(Tensor input) => Operator.Tensor("linalg_det", input);
        public static (Tensor sign, Tensor logabsdet) slogdet(Tensor input) => Operator.Two("linalg_slogdet", input);
        public static Tensor solve(Tensor input, Tensor other, bool left = true) => Operator.Tensor("linalg_solve", input, other, left);

        /// <summary>The lower triangle L of input = L L^T.</summary>
        /// <exception cref="TorchException">The matrix is not positive definite.</exception>
        public static Tensor cholesky(Tensor input) => Operator.Tensor("linalg_cholesky", input);
        public static (Tensor Q, Tensor R) qr(Tensor input, string mode = "reduced") => Operator.Two("linalg_qr", input, mode);

        /// <summary>input = U diag(S) Vh, singular values from the largest.</summary>
        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool full_matrices = true) => Operator.Three("linalg_svd", input, full_matrices);
        public static Tensor svdvals(Tensor input) => Operator.Tensor("linalg_svdvals", input);

        /// <summary>Eigenvalues, from the smallest, and eigenvectors (columns) of a symmetric matrix.</summary>
        public static (Tensor eigenvalues, Tensor eigenvectors) eigh(Tensor input, string UPLO = "L") => Operator.Two("linalg_eigh", input, UPLO);
        public static Tensor eigvalsh(Tensor input, string UPLO = "L") => Operator.Tensor("linalg_eigvalsh", input, UPLO);

        /// <summary>The x of smallest |input x - other|, also where the matrix lacks rank.</summary>
        public static Tensor lstsq(Tensor input, Tensor other, double? rcond = null)
        {
            var (solution, residuals, rank, values) = Operator.Four("linalg_lstsq", input, other, rcond, "gelsd");
            residuals.Dispose();
            rank.Dispose();
            values.Dispose();
            return solution;
        }

        public static Tensor norm(Tensor input, Scalar? ord = null, long[]? dims = null, bool keepdim = false) => Operator.Tensor("linalg_norm", input, ord, dims, keepdim);
        public static Tensor vector_norm(Tensor input, Scalar? ord = null, long[]? dims = null, bool keepdim = false) => Operator.Tensor("linalg_vector_norm", input, ord ?? 2, dims, keepdim);
        public static Tensor cross(Tensor input, Tensor other, long dim = -1) => Operator.Tensor("linalg_cross", input, other, dim);
        public static Tensor matrix_rank(Tensor input, double tolerance, bool hermitian = false) => Operator.Tensor("linalg_matrix_rank", input, tolerance, hermitian);
    }
}
