namespace Microtome.Torch;

// Matrix products.
public static partial class torch
{
    public static Tensor matmul(Tensor input, Tensor other) => input.matmul(other);
    public static Tensor mm(Tensor input, Tensor mat2) => input.mm(mat2);
    public static Tensor bmm(Tensor input, Tensor batch2) => input.bmm(batch2);
    public static Tensor mv(Tensor input, Tensor vec) => input.mv(vec);
    public static Tensor dot(Tensor input, Tensor other) => input.dot(other);
    public static Tensor outer(Tensor input, Tensor vec2) => input.outer(vec2);
    public static Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, Scalar? beta = null, Scalar? alpha = null) => input.addmm(mat1, mat2, beta, alpha);
    public static Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null) => input.baddbmm(batch1, batch2, beta, alpha);

    public partial class Tensor
    {
        public Tensor matmul(Tensor other) => Operator.Tensor("matmul", this, other);
        public Tensor mm(Tensor mat2) => Operator.Tensor("mm", this, mat2);
        public Tensor bmm(Tensor batch2) => Operator.Tensor("bmm", this, batch2);
        public Tensor mv(Tensor vec) => Operator.Tensor("mv", this, vec);
        public Tensor dot(Tensor other) => Operator.Tensor("dot", this, other);
        public Tensor outer(Tensor vec2) => Operator.Tensor("outer", this, vec2);
        public Tensor addmm(Tensor mat1, Tensor mat2, Scalar? beta = null, Scalar? alpha = null) => Operator.Tensor("addmm", this, mat1, mat2, beta ?? 1, alpha ?? 1);
        public Tensor baddbmm(Tensor batch1, Tensor batch2, Scalar? beta = null, Scalar? alpha = null) => Operator.Tensor("baddbmm", this, batch1, batch2, beta ?? 1, alpha ?? 1);
    }
}
