//! The little linear algebra that regressions and principal components need: a few columns, many rows.
//!
//! Own code and not a crate: two short, classic algorithms on a handful of columns, where a general library would weigh more than
//! all the rest of this crate. Neither squares the condition number, as normal equations or a covariance matrix would.

/// A matrix by its columns, all of one length.
pub(crate) type Columns = Vec<Vec<f64>>;

/// The singular value decomposition of a tall matrix, without its left vectors.
#[derive(Debug, Clone)]
pub(crate) struct Decomposition {
    /// The singular values, descending.
    pub(crate) values: Vec<f64>,
    /// The right vector of each.
    pub(crate) vectors: Columns,
}

/// Decomposes a matrix: by Householder's reflections to a triangle, and that by Jacobi's rotations.
pub(crate) fn decompose(mut matrix: Columns) -> Decomposition {
    let width = matrix.len();
    triangulate(&mut matrix, width);
    let triangle = triangle(&matrix, width);
    let Svd { values, right, .. } = rotate(triangle);
    Decomposition { values, vectors: right }
}

/// The coefficients and the intercept of the least squares regression of `target` on `columns`; the least coefficients where
/// several are as good.
pub(crate) fn regress(columns: &[Vec<f64>], target: &[f64]) -> (Vec<f64>, f64) {
    let means: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
    let target_mean = mean(target);
    let width = columns.len();
    let centered = |(column, mean): (&Vec<f64>, f64)| column.iter().map(|value| value - mean).collect();
    let mut matrix: Columns = columns.iter().zip(means.iter().copied()).map(centered).collect();
    matrix.push(target.iter().map(|value| value - target_mean).collect());
    triangulate(&mut matrix, width);
    let projected: Vec<f64> =
        matrix[width].iter().copied().chain(std::iter::repeat(0.0)).take(width).collect();
    let Svd { values, left, right } = rotate(triangle(&matrix, width));
    // LAPACK's and numpy's cut: smaller singular values are rounding.
    let cut = values.first().copied().unwrap_or(0.0) * f64::EPSILON * target.len().max(width) as f64;
    let mut coefficients = vec![0.0; width];
    for ((value, left), right) in values.iter().zip(&left).zip(&right) {
        if *value > cut {
            let along = dot(left, &projected) / value;
            coefficients.iter_mut().zip(right).for_each(|(coefficient, part)| *coefficient += along * part);
        }
    }
    let intercept = target_mean - dot(&coefficients, &means);
    (coefficients, intercept)
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    crate::Moments::of(values).mean()
}

/// Reflects the columns so that the first `width` become an upper triangle.
fn triangulate(matrix: &mut Columns, width: usize) {
    let height = matrix.first().map_or(0, Vec::len);
    for at in 0..width.min(height) {
        let (head, rest) = matrix.split_at_mut(at + 1);
        let mirror = &mut head[at][at..];
        let norm = dot(mirror, mirror).sqrt();
        if norm == 0.0 {
            continue;
        }
        let diagonal = if mirror[0] > 0.0 { -norm } else { norm };
        mirror[0] -= diagonal;
        let scale = dot(mirror, mirror);
        for column in rest {
            let column = &mut column[at..];
            let along = 2.0 * dot(mirror, column) / scale;
            column.iter_mut().zip(&*mirror).for_each(|(value, mirror)| *value -= along * mirror);
        }
        mirror.fill(0.0);
        mirror[0] = diagonal;
    }
}

/// The upper triangle of the first columns, as a square.
fn triangle(matrix: &Columns, width: usize) -> Columns {
    let square =
        |column: &Vec<f64>| column.iter().copied().chain(std::iter::repeat(0.0)).take(width).collect();
    matrix[..width].iter().map(square).collect()
}

/// A square matrix as left · diag(values) · rightᵀ, values descending.
struct Svd {
    values: Vec<f64>,
    left: Columns,
    right: Columns,
}

/// More sweeps than any matrix has been seen to need.
const SWEEPS: usize = 60;

/// Hestenes' one-sided Jacobi rotations: turns pairs of columns until all are at right angles.
fn rotate(mut columns: Columns) -> Svd {
    let width = columns.len();
    let unit = |at: usize| (0..width).map(|row| f64::from(row == at)).collect();
    let mut right: Columns = (0..width).map(unit).collect();
    for _ in 0..SWEEPS {
        let mut turned = false;
        for j in 1..width {
            for i in 0..j {
                let (a, b) = (dot(&columns[i], &columns[i]), dot(&columns[j], &columns[j]));
                let angle = dot(&columns[i], &columns[j]);
                // Also false where something is not a number: then no rotation helps.
                if angle.abs() > f64::EPSILON * (a * b).sqrt() {
                    turned = true;
                    let zeta = (b - a) / (2.0 * angle);
                    let tangent = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
                    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
                    turn(&mut columns, i, j, cosine, cosine * tangent);
                    turn(&mut right, i, j, cosine, cosine * tangent);
                }
            }
        }
        if !turned {
            break;
        }
    }
    let norm = |column: &Vec<f64>| dot(column, column).sqrt();
    let mut order: Vec<(f64, usize)> = columns.iter().map(norm).zip(0..).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let left = |&(value, at): &(f64, usize)| columns[at].iter().map(|part| part / value).collect();
    Svd {
        values: order.iter().map(|&(value, _)| value).collect(),
        left: order.iter().map(left).collect(),
        right: order.iter().map(|&(_, at)| right[at].clone()).collect(),
    }
}

/// Turns two columns into each other.
fn turn(columns: &mut Columns, i: usize, j: usize, cosine: f64, sine: f64) {
    let (head, rest) = columns.split_at_mut(j);
    for (a, b) in head[i].iter_mut().zip(&mut rest[0]) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: &[f64], b: &[f64]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12)
    }

    #[test]
    fn a_plane_is_found_again() {
        let x = vec![1.0, 2.0, 3.0, 5.0, 8.0];
        let y = vec![2.0, -1.0, 4.0, 0.5, 3.0];
        let target: Vec<f64> = x.iter().zip(&y).map(|(x, y)| 7.0 + 2.0 * x - 3.0 * y).collect();
        let (coefficients, intercept) = regress(&[x, y], &target);
        assert!(close(&coefficients, &[2.0, -3.0]) && close(&[intercept], &[7.0]));
    }

    #[test]
    fn of_equal_columns_each_takes_its_share() {
        let x = vec![1.0, 2.0, 4.0];
        let (coefficients, intercept) = regress(&[x.clone(), x.clone()], &[3.0, 5.0, 9.0]);
        assert!(close(&coefficients, &[1.0, 1.0]) && close(&[intercept], &[1.0]), "{coefficients:?}");
    }

    #[test]
    fn constant_columns_and_fewer_rows_than_columns_have_the_least_coefficients() {
        assert_eq!(regress(&[vec![4.0; 3]], &[1.0, 2.0, 6.0]), (vec![0.0], 3.0));
        let (coefficients, _) = regress(&[vec![0.0, 1.0], vec![0.0, 1.0], vec![0.0, 1.0]], &[0.0, 3.0]);
        assert!(close(&coefficients, &[1.0, 1.0, 1.0]), "{coefficients:?}");
    }

    #[test]
    fn singular_values_and_vectors_are_those_of_the_matrix() {
        // Orthogonal columns of lengths 2, 6 and 4, in a turned frame.
        let matrix = vec![vec![0.0, 2.0, 0.0, 0.0], vec![6.0, 0.0, 0.0, 0.0], vec![0.0, 0.0, 0.0, -4.0]];
        let Decomposition { values, vectors } = decompose(matrix);
        assert!(close(&values, &[6.0, 4.0, 2.0]));
        let axes: Vec<Vec<f64>> = vectors.iter().map(|v| v.iter().map(|part| part.abs()).collect()).collect();
        assert_eq!(axes, [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
    }
}
