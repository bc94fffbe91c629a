/** The head of a table whose rows end with buttons. */
export function TableHead({ columns }: { readonly columns: readonly string[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column} scope="col">
            {column}
          </th>
        ))}
        <th scope="col">
          <span className="unseen">What can be done</span>
        </th>
      </tr>
    </thead>
  )
}
